/** Ports of this machine: who holds one, who waits for one, which answer. */
import type { PortCheck, PortProtocol, PortSurvey, PublishedPort } from '../models.ts'
import type { MethodRule, OfEngine } from './rules.ts'

export interface PortMethods {
  /**
   * `lastPort`: all from `hostPort` up to it, at most 100 are looked at. `anyOne`: one free among them will do (a range
   * over a single container port).
   */
  'ports.check': {
    arg: OfEngine & {
      readonly hostIp: string
      readonly hostPort: number
      readonly lastPort?: number
      readonly anyOne?: boolean
      readonly protocol: PortProtocol
    }
    result: PortCheck
  }
  /** Every published port of running containers, tried from this machine. */
  'ports.probe': { arg: OfEngine; result: { readonly ports: readonly PublishedPort[] } }
  /** Who listens on this machine, and what containers that do not run would publish. Null: no engine, the machine alone. */
  'ports.survey': { arg: { readonly engineId: string | null }; result: PortSurvey }
}

export const PORT_METHOD_RULES: { readonly [M in keyof PortMethods]: MethodRule } = {
  'ports.check': { mutates: false, limitMs: 5_000 },
  'ports.probe': { mutates: false, limitMs: 10_000 },
  'ports.survey': { mutates: false, limitMs: 15_000 },
}
