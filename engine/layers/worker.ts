/** Entry of the layer worker (bundled). */
import { parentPort } from 'node:worker_threads'
import type { ToRoom } from './protocol.ts'
import { LayerRoom } from './room.ts'

const room = new LayerRoom({ post: (message, transfer) => parentPort?.postMessage(message, transfer) })
parentPort?.on('message', (message: ToRoom) => room.handle(message))
