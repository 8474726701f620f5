'use strict'
// Starts Chromium twice reachable: over a pipe for the stand-in, over a port for Playwright.
const { spawn } = require('node:child_process')

const SWITCHES = [
  '--remote-debugging-pipe',
  '--no-first-run',
  '--no-default-browser-check',
  '--no-startup-window',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-extensions',
  '--disable-background-timer-throttling',
  '--disable-renderer-backgrounding',
  '--disable-backgrounding-occluded-windows',
  '--password-store=basic',
  '--disable-dev-shm-usage',
]

/** Splits a stream of NUL-terminated JSON messages. */
function readMessages(stream, handle) {
  let parts = []
  stream.on('data', (data) => {
    let from = 0
    for (let at = data.indexOf(0, from); at >= 0; at = data.indexOf(0, from)) {
      parts.push(data.subarray(from, at))
      handle(JSON.parse(Buffer.concat(parts).toString()))
      parts = []
      from = at + 1
    }
    if (from < data.length) parts.push(data.subarray(from))
  })
}

/** Passes on the line Playwright waits for; everything else only when asked. */
function passLines(stream) {
  let text = ''
  stream.setEncoding('utf8')
  stream.on('data', (part) => {
    text += part
    for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n')) {
      const line = text.slice(0, at)
      text = text.slice(at + 1)
      if (line.startsWith('DevTools listening on')) process.stderr.write(`${line}\n`)
      else if (process.env.STANDIN_DEBUG) process.stderr.write(`[chromium] ${line}\n`)
    }
  })
}

/**
 * @param {{ userData: string, switches: string[], wantPort: boolean }} options
 */
function startBrowser({ userData, switches, wantPort }) {
  const headless = process.env.STANDIN_HEADLESS ? process.env.STANDIN_HEADLESS !== '0' : !process.env.DISPLAY
  const args = [
    ...SWITCHES,
    ...(wantPort ? ['--remote-debugging-port=0'] : []),
    ...(headless ? ['--headless=new'] : []),
    ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
    `--user-data-dir=${userData}`,
    ...switches,
  ]
  const stdio = ['ignore', 'ignore', 'pipe', 'pipe', 'pipe']
  const child = spawn(process.env.STANDIN_CHROMIUM || 'chromium', args, { stdio })
  const [, , errors, input, output] = child.stdio
  passLines(errors)
  input.on('error', () => undefined)

  let lastId = 0
  const waiting = new Map()
  const listeners = new Set()
  readMessages(output, (message) => {
    if (!message.id) return listeners.forEach((listener) => listener(message))
    const call = waiting.get(message.id)
    waiting.delete(message.id)
    if (message.error) call?.reject(new Error(`${call.method}: ${message.error.message}`))
    else call?.resolve(message.result)
  })
  const gone = new Promise((resolve) => {
    child.once('exit', resolve)
    child.once('error', (error) => {
      console.error(`stand-in: ${error.message}`)
      resolve(null)
    })
  })
  gone.then(() => {
    for (const { reject, method } of waiting.values()) reject(new Error(`${method}: browser gone`))
    waiting.clear()
  })
  return {
    child,
    gone,
    headless,
    on: (listener) => listeners.add(listener),
    send: (method, params = {}, sessionId = undefined) =>
      new Promise((resolve, reject) => {
        lastId += 1
        waiting.set(lastId, { resolve, reject, method })
        input.write(`${JSON.stringify({ id: lastId, method, params, sessionId })}\0`)
      }),
  }
}

module.exports = { startBrowser }
