/** What the dialog of limits asks for: fields as typed, and what of them is to be changed. Pure. */
import { parseBytes } from '../../../../engine/contract/units.ts'
import { sizeWord, swapFor } from '../../../../engine/containers/update.ts'
import type { ContainerDetail, RestartPolicy, UpdateSpec } from '../../../../engine/contract/models.ts'

export interface LimitsForm {
  readonly memory: string
  readonly cpus: string
  readonly pids: string
  readonly policy: RestartPolicy['name']
  readonly retries: string
}

export type LimitsProblem = 'memoryError' | 'cpusError' | 'pidsError' | 'retriesError' | 'stays'
export type LimitsProblems = { readonly [Field in 'memory' | 'cpus' | 'pids' | 'retries']?: LimitsProblem }
type Present = Pick<ContainerDetail, 'limits' | 'restartPolicy'>

/** Least memory the engine takes, bytes. */
const LEAST_MEMORY = 6 * 1024 ** 2

export function limitsForm({ limits, restartPolicy }: Present): LimitsForm {
  return {
    memory: limits.memoryBytes > 0 ? sizeWord(limits.memoryBytes) : '',
    cpus: limits.cpus > 0 ? String(limits.cpus) : '',
    pids: limits.pidsLimit > 0 ? String(limits.pidsLimit) : '',
    policy: restartPolicy.name,
    retries: String(restartPolicy.maximumRetryCount ?? 0),
  }
}

function bytesOf(text: string): number {
  try {
    return parseBytes(text)
  } catch {
    return Number.NaN
  }
}

const cpusOf = (text: string): number => (/^\d{1,6}(?:\.\d{1,9})?$/.test(text) ? Number(text) : Number.NaN)
const wholeOf = (text: string): number => (/^\d{1,7}$/.test(text) ? Number(text) : Number.NaN)

/** What is wrong with the fields, and what differs from now when nothing is. */
export function limitsChange(typed: LimitsForm, present: Present): { readonly problems: LimitsProblems; readonly spec: UpdateSpec } {
  const { limits, restartPolicy } = present
  const [memory, cpus, pids, retries] = [typed.memory, typed.cpus, typed.pids, typed.retries].map((text) => text.trim()) as [string, string, string, string]
  const bytes = memory === '' ? 0 : bytesOf(memory)
  const processors = cpus === '' ? 0 : cpusOf(cpus)
  const most = pids === '' ? 0 : wholeOf(pids)
  const times = typed.policy === 'on-failure' ? wholeOf(retries) : 0
  const problems: LimitsProblems = {
    ...(memory === '' ? limits.memoryBytes > 0 && { memory: 'stays' as const } : !(bytes >= LEAST_MEMORY) && { memory: 'memoryError' as const }),
    ...(cpus === '' ? limits.cpus > 0 && { cpus: 'stays' as const } : !(processors >= 0.001) && { cpus: 'cpusError' as const }),
    ...(Number.isNaN(most) && { pids: 'pidsError' as const }),
    ...(Number.isNaN(times) && { retries: 'retriesError' as const }),
  }
  const samePolicy = typed.policy === restartPolicy.name && times === (restartPolicy.maximumRetryCount ?? 0)
  const spec: UpdateSpec = {
    ...(bytes !== limits.memoryBytes && { memoryBytes: bytes, memorySwapBytes: swapFor(bytes, limits) }),
    ...(processors !== limits.cpus && { cpus: processors }),
    ...(most !== limits.pidsLimit && { pidsLimit: most === 0 ? -1 : most }),
    ...(!samePolicy && { restart: { name: typed.policy, ...(typed.policy === 'on-failure' && { maximumRetryCount: times }) } }),
  }
  return { problems, spec: Object.keys(problems).length > 0 ? {} : spec }
}
