// Structured clone as JSON text and back. Runs unchanged in Node (module) and in a page (global `__codec`).
;(function (root) {
  const CANNOT = 'An object could not be cloned.'

  const toBase64 = (bytes) => {
    if (typeof Buffer !== 'undefined') {
      return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64')
    }
    let text = ''
    for (let at = 0; at < bytes.length; at += 8192) {
      text += String.fromCharCode.apply(null, bytes.subarray(at, at + 8192))
    }
    return btoa(text)
  }

  const fromBase64 = (text) => {
    const raw = atob(text)
    const bytes = new Uint8Array(raw.length)
    for (let at = 0; at < raw.length; at += 1) bytes[at] = raw.charCodeAt(at)
    return bytes
  }

  /** True for values JSON carries as they are; `$` marks coded values, so keys of that name are coded too. */
  const isPlain = (value) => {
    if (value === null || typeof value === 'string' || typeof value === 'boolean') return true
    if (typeof value === 'number') return Number.isFinite(value)
    if (typeof value !== 'object') return false
    if (Array.isArray(value)) return value.every(isPlain)
    const prototype = Object.getPrototypeOf(value)
    if (prototype !== Object.prototype && prototype !== null) return false
    return Object.keys(value).every((key) => key !== '$' && isPlain(value[key]))
  }

  const encodePrimitive = (value) => {
    switch (typeof value) {
      case 'string':
      case 'boolean':
        return value
      case 'number':
        return Number.isFinite(value) ? value : { $: 'number', v: String(value) }
      case 'undefined':
        return { $: 'undefined' }
      case 'bigint':
        return { $: 'bigint', v: String(value) }
      default:
        throw new Error(CANNOT)
    }
  }

  function encode(value, seen) {
    if (value === null) return null
    if (typeof value !== 'object') return encodePrimitive(value)
    if (seen.has(value)) return { $: 'again', v: seen.get(value) }
    seen.set(value, seen.size)
    const inner = (one) => encode(one, seen)
    if (value instanceof Date) return { $: 'date', v: value.getTime() }
    if (value instanceof RegExp) return { $: 'regexp', v: [value.source, value.flags] }
    if (value instanceof Map) return { $: 'map', v: [...value].map(([key, one]) => [inner(key), inner(one)]) }
    if (value instanceof Set) return { $: 'set', v: [...value].map(inner) }
    if (value instanceof Error) return { $: 'error', v: [value.name, value.message, value.stack] }
    if (value instanceof ArrayBuffer) return { $: 'bytes', v: ['ArrayBuffer', toBase64(new Uint8Array(value))] }
    if (ArrayBuffer.isView(value)) {
      const name = value.constructor.name === 'Buffer' ? 'Uint8Array' : value.constructor.name
      return { $: 'bytes', v: [name, toBase64(new Uint8Array(value.buffer, value.byteOffset, value.byteLength))] }
    }
    if (Array.isArray(value)) return { $: 'list', v: value.map(inner) }
    return { $: 'object', v: Object.fromEntries(Object.keys(value).map((key) => [key, inner(value[key])])) }
  }

  const DECODE = {
    number: (v) => Number(v),
    undefined: () => undefined,
    bigint: (v) => BigInt(v),
    again: (v, refs) => refs[v],
    date: (v, refs) => keep(new Date(v), refs),
    regexp: (v, refs) => keep(new RegExp(v[0], v[1]), refs),
    map: (v, refs) => v.reduce((map, [key, one]) => map.set(decode(key, refs), decode(one, refs)), keep(new Map(), refs)),
    set: (v, refs) => v.reduce((set, one) => set.add(decode(one, refs)), keep(new Set(), refs)),
    error: (v, refs) => Object.assign(keep(new Error(v[1]), refs), { name: v[0], stack: v[2] }),
    bytes: (v, refs) => {
      const { buffer } = fromBase64(v[1])
      return keep(v[0] === 'ArrayBuffer' ? buffer : new globalThis[v[0]](buffer), refs)
    },
    list: (v, refs) => {
      const list = keep([], refs)
      for (const one of v) list.push(decode(one, refs))
      return list
    },
    object: (v, refs) => {
      const object = keep({}, refs)
      for (const key of Object.keys(v)) object[key] = decode(v[key], refs)
      return object
    },
  }

  function keep(value, refs) {
    refs.push(value)
    return value
  }

  function decode(value, refs) {
    return value === null || typeof value !== 'object' ? value : DECODE[value.$](value.v, refs)
  }

  root.__codec = {
    encode: (value) => (isPlain(value) ? { plain: value } : { coded: encode(value, new Map()) }),
    decode: (frame) => ('plain' in frame ? frame.plain : decode(frame.coded, [])),
  }
  if (typeof module !== 'undefined') module.exports = root.__codec
})(globalThis)
