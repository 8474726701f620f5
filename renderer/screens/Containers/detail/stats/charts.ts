/** Which figures are drawn together, against which limit, and how they are written. */
import { computed } from 'vue'
import type { ComputedRef } from 'vue'
import { useI18n } from 'vue-i18n'
import type { ContainerDetail, StatFigure } from '../../../../../engine/contract/models.ts'
import { useFormat } from '../../../../i18n/format.ts'
import type { LiveStats, StatHistory, StatLine } from '../../../../stores/stats-history.ts'

export interface ChartLine {
  readonly line: StatLine
  readonly name: string
  /** A colour of the tokens, and a pattern: colour alone carries nothing. */
  readonly token: 'l1' | 'l2'
  readonly dashed: boolean
}

export interface StatChart {
  readonly figure: StatFigure
  readonly title: string
  readonly lines: readonly ChartLine[]
  /** 0 = not limited, or there is none for it. */
  readonly limit: number
  /** What is said of the limit; empty when there is nothing to say. */
  readonly limitText: string
  readonly words: (value: number) => string
  /** Shorter, for the axis. */
  readonly axisWords: (value: number) => string
  /** The value at the upper edge is at least so much: noise of an idle container is no mountain. */
  readonly floor: number
  /** Steps of the axis are powers of two, or whole numbers. */
  readonly steps: 'binary' | 'whole' | 'plain'
}

export interface Limits {
  readonly cpuPercent: number
  readonly memoryBytes: number
  readonly pids: number
}

/** The container's own limits as it was made (`detail`), else as the engine's sample tells them. */
export function limitsOf(history: StatHistory, detail: Pick<ContainerDetail, 'limits'> | null): Limits {
  const { latest } = history
  return {
    cpuPercent: (detail?.limits.cpus ?? 0) * 100,
    memoryBytes: latest?.memoryLimitBytes || (detail?.limits.memoryBytes ?? 0),
    pids: latest?.pidsLimit || Math.max(0, detail?.limits.pidsLimit ?? 0),
  }
}

/** Least, average and most of the known values; null when there are none. */
export function summary(values: readonly (number | null)[]): { readonly least: number; readonly average: number; readonly most: number } | null {
  const known = values.filter((value) => value !== null)
  if (known.length === 0) return null
  return { least: Math.min(...known), average: known.reduce((sum, value) => sum + value, 0) / known.length, most: Math.max(...known) }
}

/** Index of the first point that is not older than `spanMs` before the newest. */
export function firstWithin(history: StatHistory, spanMs: number): number {
  const from = (history.at.at(-1) ?? 0) - spanMs
  return Math.max(0, history.at.findIndex((at) => at >= from))
}

/** Call it in `setup`. Made anew only when a limit or the language changes. */
export function useCharts(live: LiveStats, detail: () => ContainerDetail | null): ComputedRef<readonly StatChart[]> {
  const { t } = useI18n()
  const format = useFormat()
  const limits = computed(() => JSON.stringify({ ...limitsOf(live.history.value, detail()), cores: live.history.value.latest?.cores ?? 0, own: detail()?.limits.memoryBytes ?? 0 }))
  return computed(() => {
    const { cpuPercent, memoryBytes, pids, cores, own } = JSON.parse(limits.value) as Limits & { cores: number; own: number }
    const rate = (value: number): string => t('stats.perSecond', { value: format.bytes(Math.round(value)) })
    const share = (value: number): string => `${Number(value.toPrecision(4))} %`
    const limited = (value: string): string => t('stats.limit', { value })
    const line = (name: StatLine, second = false): ChartLine => ({ line: name, name: t(`stats.line.${name}`), token: second ? 'l2' : 'l1', dashed: second })
    const chart = (figure: StatFigure, more: Omit<StatChart, 'figure' | 'title'>): StatChart => ({ figure, title: t(`stats.figure.${figure}`), ...more })
    const memoryText = (): string => (memoryBytes === 0 ? '' : own > 0 ? limited(format.memory(memoryBytes)) : t('stats.machine', { value: format.memory(memoryBytes) }))
    return [
      chart('cpu', {
        lines: [line('cpu')], limit: cpuPercent, words: format.percent, axisWords: share, floor: 2, steps: 'plain',
        limitText: cpuPercent > 0 ? limited(share(cpuPercent)) : cores > 0 ? t('stats.cores', { count: cores }, cores) : '',
      }),
      chart('memory', { lines: [line('memory')], limit: memoryBytes, limitText: memoryText(), words: format.memory, axisWords: format.memory, floor: 1024 ** 2, steps: 'binary' }),
      chart('network', { lines: [line('netIn'), line('netOut', true)], limit: 0, limitText: '', words: rate, axisWords: rate, floor: 1_000, steps: 'plain' }),
      chart('disk', { lines: [line('diskIn'), line('diskOut', true)], limit: 0, limitText: '', words: rate, axisWords: rate, floor: 1_000, steps: 'plain' }),
      chart('pids', { lines: [line('pids')], limit: pids, limitText: pids > 0 ? limited(format.number(pids)) : t('stats.noLimit'), words: format.number, axisWords: format.number, floor: 4, steps: 'whole' }),
    ]
  })
}
