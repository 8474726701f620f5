/** What the layer service and its worker say to each other. Bytes are transferred, and come back for reuse. */
import type { ErrorEnvelope } from '../contract/errors.ts'
import type { ComparePage, FileMark, LayerAnalysis, LayerEntry, LayerFound, LayerPage, LayerView } from '../contract/models.ts'
import type { ListQuery } from '../contract/parts/layers.ts'
import type { ExtractPlan, FilePlan } from './plan.ts'

/** `key` names an analysis: an image of an engine. */
interface OfKey {
  readonly key: string
}
interface OfView extends OfKey {
  readonly view: LayerView
}

export interface RoomCalls {
  /** An export begins; its bytes follow as `data` of the session. */
  begin: { arg: { readonly session: number }; result: null }
  /** It is over: the analysis is kept under the key. */
  finish: { arg: OfKey & { readonly session: number; readonly imageId: string; readonly milliseconds: number }; result: null }
  /** It is of no interest any more. */
  abort: { arg: { readonly session: number }; result: null }
  summary: { arg: OfKey; result: LayerAnalysis | null }
  list: { arg: OfView & ListQuery; result: LayerPage }
  stat: { arg: OfView & { readonly path: string }; result: LayerEntry }
  find: { arg: OfView & { readonly text: string; readonly marks?: readonly FileMark[]; readonly limit: number }; result: LayerFound }
  compare: { arg: OfKey & { readonly other: string } & ListQuery; result: ComparePage }
  planFile: { arg: OfView & { readonly path: string }; result: FilePlan }
  planExtract: { arg: OfView & { readonly path: string }; result: ExtractPlan }
  /** Bytes held by analyses and views. */
  memory: { arg: Readonly<Record<string, never>>; result: { readonly bytes: number } }
}

export type RoomCallName = keyof RoomCalls

export type ToRoom =
  | { [N in RoomCallName]: { readonly type: 'call'; readonly id: number; readonly name: N; readonly arg: RoomCalls[N]['arg'] } }[RoomCallName]
  | { readonly type: 'data'; readonly session: number; readonly bytes: Uint8Array<ArrayBuffer>; readonly length: number }

export type FromRoom =
  | { readonly type: 'reply'; readonly id: number; readonly value: RoomCalls[RoomCallName]['result'] }
  | { readonly type: 'refused'; readonly id: number; readonly error: ErrorEnvelope }
  /** One piece was read; its buffer comes back. */
  | { readonly type: 'took'; readonly session: number; readonly spare: Uint8Array<ArrayBuffer> }
  /** The archive is broken; nothing more of it is read. */
  | { readonly type: 'fault'; readonly session: number; readonly error: ErrorEnvelope }
