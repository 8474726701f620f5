/** Entry of the log worker (bundled): a log room, or, started by that room, the thread that runs one pattern. */
import { parentPort, workerData } from 'node:worker_threads'
import { toEnvelope } from '../contract/errors.ts'
import { createMatcher } from './match.ts'
import type { Scannable } from './match.ts'
import type { ToRoom } from './protocol.ts'
import { regexScanners } from './regex-scanner.ts'
import type { RegexAnswer, RegexWorkerData } from './regex-scanner.ts'
import { LogRoom } from './room.ts'

/** The `workerData` of the room's thread. */
export interface RoomWorkerData {
  readonly role: 'room'
  /** Path of this very bundle: a thread cannot ask for it in every module format. */
  readonly workerPath: string
}

function runRoom({ workerPath }: RoomWorkerData): void {
  const room = new LogRoom({
    post: (message, transfer) => parentPort?.postMessage(message, transfer),
    scanner: regexScanners(workerPath),
  })
  parentPort?.on('message', (message: ToRoom) => room.handle(message))
}

function runPattern({ query }: RegexWorkerData): void {
  const match = createMatcher(query)
  parentPort?.on('message', (chunk: Scannable) => {
    let answer: RegexAnswer
    try {
      answer = { lines: match(chunk) }
    } catch (error) {
      answer = { error: toEnvelope(error) }
    }
    parentPort?.postMessage(answer)
  })
}

const data = workerData as RoomWorkerData | RegexWorkerData
if (data.role === 'room') runRoom(data)
else runPattern(data)
