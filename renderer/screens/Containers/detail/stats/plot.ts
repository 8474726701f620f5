/** One chart on the screen: uPlot with the interface's colours, the line of a limit, and no text of its own but numbers. */
import uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import type { StatHistory } from '../../../../stores/stats-history.ts'
import type { StatChart } from './charts.ts'

export interface PlotWindow {
  /** Milliseconds from the left edge to the newest figure. */
  readonly spanMs: number
  /** The limit is in sight, however little is used. */
  readonly toLimit: boolean
}

export interface PlotHooks {
  /** Index in the history of the figures under the pointer; null when it has left. */
  hover(index: number | null): void
  /** Hours, minutes, seconds. */
  time(at: number): string
}

export interface Plot {
  show(history: StatHistory, window: PlotWindow): void
  dispose(): void
}

const HEIGHT = 136
const FONT_PX = 11
/** The two sides of a chart that is hovered over all charts at once. */
const SYNC = 'naru-stats'
const BINARY_STEPS = Array.from({ length: 50 }, (_, n) => 2 ** n)
const WHOLE_STEPS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000]

export function createPlot(host: HTMLElement, chart: StatChart, hooks: PlotHooks): Plot {
  let to = 0
  let window: PlotWindow = { spanMs: 60_000, toLimit: true }
  const token = (name: string): string => getComputedStyle(host).getPropertyValue(`--${name}`).trim()
  const font = `${FONT_PX}px ${token('font')}`
  const axis = (more: uPlot.Axis): uPlot.Axis => ({
    stroke: () => token('muted'),
    font,
    grid: { stroke: () => token('line'), width: 1 },
    ticks: { show: false },
    ...more,
  })
  const top = (most: number): number => {
    const limit = window.toLimit ? chart.limit : 0
    return Math.max(most * 1.1, limit * 1.12, chart.floor)
  }
  const plot = new uPlot(
    {
      width: Math.max(120, host.clientWidth),
      height: HEIGHT,
      padding: [10, 8, 0, 0],
      legend: { show: false },
      cursor: { y: false, points: { size: 6 }, drag: { x: false, y: false, setScale: false }, sync: { key: SYNC } },
      scales: { x: { time: false, range: () => [to - window.spanMs, to] }, y: { range: (_self, _least, most) => [0, top(most ?? 0)] } },
      axes: [
        axis({ size: 20, gap: 4, space: 80, incrs: [5_000, 10_000, 15_000, 30_000, 60_000, 120_000, 300_000], values: (_self, splits) => splits.map(hooks.time) }),
        axis({
          size: 68,
          gap: 6,
          space: 32,
          ...(chart.steps !== 'plain' && { incrs: chart.steps === 'binary' ? BINARY_STEPS : WHOLE_STEPS }),
          values: (_self, splits) => splits.map(chart.axisWords),
        }),
      ],
      series: [
        {},
        ...chart.lines.map(({ token: name, dashed }): uPlot.Series => ({
          stroke: () => token(name),
          width: 1.5,
          points: { show: false },
          ...(dashed && { dash: [5, 3] }),
          ...(chart.lines.length === 1 && { fill: () => `color-mix(in srgb, ${token(name)} 12%, transparent)` }),
        })),
      ],
      hooks: {
        setCursor: [({ cursor }) => hooks.hover(cursor.idx ?? null)],
        draw: [(self) => drawLimit(self, chart.limit, token('bad'))],
      },
    },
    [[], ...chart.lines.map(() => [])],
    host,
  )
  // The chart is described in words by what holds it.
  plot.root.setAttribute('aria-hidden', 'true')
  const sized = new ResizeObserver(() => host.clientWidth > 0 && plot.setSize({ width: host.clientWidth, height: HEIGHT }))
  sized.observe(host)
  const themed = new MutationObserver(() => plot.redraw(false, true))
  themed.observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme'] })
  return {
    show(history, next) {
      window = next
      to = history.at.at(-1) ?? Date.now()
      plot.setData([history.at, ...chart.lines.map(({ line }) => history[line])])
    },
    dispose() {
      sized.disconnect()
      themed.disconnect()
      plot.destroy()
    },
  }
}

/** Dashed across the chart, where it is in sight. */
function drawLimit(plot: uPlot, limit: number, colour: string): void {
  const most = plot.scales['y']?.max ?? 0
  if (limit <= 0 || limit > most) return
  const { ctx, bbox } = plot
  const y = Math.round(plot.valToPos(limit, 'y', true)) + 0.5
  ctx.save()
  ctx.strokeStyle = colour
  ctx.lineWidth = uPlot.pxRatio
  ctx.setLineDash([6 * uPlot.pxRatio, 4 * uPlot.pxRatio])
  ctx.beginPath()
  ctx.moveTo(bbox.left, y)
  ctx.lineTo(bbox.left + bbox.width, y)
  ctx.stroke()
  ctx.restore()
}
