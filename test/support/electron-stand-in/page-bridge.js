// Two-way synchronous bridge between the page's world and the preload's isolated world, over CustomEvents: their
// detail is cloned between worlds and they are dispatched synchronously. Installed in both worlds with one secret.
;(function (secret, side) {
  const sendName = secret + (side === 'page' ? 'I' : 'P')
  const receiveName = secret + (side === 'page' ? 'P' : 'I')
  const dispatch = EventTarget.prototype.dispatchEvent
  const makeEvent = CustomEvent
  const clone = structuredClone
  const functions = new Map()
  const functionIds = new WeakMap()
  const promises = new Map()
  const returns = new Map()
  let last = 0

  const say = (detail) => dispatch.call(globalThis, new makeEvent(sendName, { detail }))
  const isPlainObject = (value) => [null, Object.prototype].includes(Object.getPrototypeOf(value))

  /** True when a value holds functions or promises and must be taken apart. */
  const isLive = (value, depth) => {
    if (typeof value === 'function' || value instanceof Promise) return true
    if (!value || typeof value !== 'object' || depth > 12) return false
    return (Array.isArray(value) || isPlainObject(value)) && Object.values(value).some((one) => isLive(one, depth + 1))
  }

  const idOf = (fn) => {
    if (!functionIds.has(fn)) {
      last += 1
      functionIds.set(fn, last)
      functions.set(last, fn)
    }
    return functionIds.get(fn)
  }

  const packError = (error) => ({ kind: 'error', value: [error?.name ?? 'Error', error?.message ?? String(error)] })

  const packPromise = (promise) => {
    last += 1
    const id = last
    promise.then(
      (value) => say({ op: 'settled', id, ok: true, value: pack(value) }),
      (error) => say({ op: 'settled', id, ok: false, value: packError(error) }),
    )
    return { kind: 'promise', value: id }
  }

  const pack = (value) => {
    if (typeof value === 'function') return { kind: 'function', value: idOf(value) }
    if (value instanceof Promise) return packPromise(value)
    if (isLive(value, 0)) {
      return Array.isArray(value)
        ? { kind: 'list', value: value.map(pack) }
        : { kind: 'object', value: Object.entries(value).map(([key, one]) => [key, pack(one)]) }
    }
    try {
      return { kind: 'value', value: clone(value) }
    } catch {
      throw new Error('An object could not be cloned.')
    }
  }

  const callOther = (id) => (...args) => {
    last += 1
    const call = last
    say({ op: 'call', id, call, args: args.map(pack) })
    const result = returns.get(call)
    returns.delete(call)
    if (!result) return undefined
    if (!result.ok) throw unpack(result.value)
    return unpack(result.value)
  }

  const unpack = ({ kind, value }) => {
    switch (kind) {
      case 'value':
        return value
      case 'list':
        return value.map(unpack)
      case 'object':
        return Object.freeze(Object.fromEntries(value.map(([key, one]) => [key, unpack(one)])))
      case 'error':
        return Object.assign(new Error(value[1]), { name: value[0] })
      case 'promise':
        return new Promise((resolve, reject) => promises.set(value, { resolve, reject }))
      default:
        return callOther(value)
    }
  }

  const answerCall = ({ id, call, args }) => {
    try {
      say({ op: 'return', call, ok: true, value: pack(functions.get(id)(...args.map(unpack))) })
    } catch (error) {
      say({ op: 'return', call, ok: false, value: packError(error) })
    }
  }

  const receive = {
    call: answerCall,
    return: (message) => returns.set(message.call, message),
    settled: ({ id, ok, value }) => {
      const promise = promises.get(id)
      promises.delete(id)
      if (ok) promise?.resolve(unpack(value))
      else promise?.reject(unpack(value))
    },
    expose: ({ name, value }) => {
      const property = { value: unpack(value), enumerable: true, configurable: false, writable: false }
      Object.defineProperty(globalThis, name, property)
    },
  }

  globalThis.addEventListener(
    receiveName,
    (event) => {
      event.stopImmediatePropagation()
      receive[event.detail.op](event.detail)
    },
    true,
  )
  if (side === 'isolated') globalThis.__expose = (name, api) => say({ op: 'expose', name, value: pack(api) })
})
