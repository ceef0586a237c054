/** Charts of all times of a run: the percentile curve, the cumulative distribution and the heat map. */
import { countText, msText } from '../outputs/format.ts'
import type { Chart } from './charts.ts'
import { curveGrid, type Distributions, type HeatMap } from './distribution.ts'

/** Metrics of the curves, as far as they are there. */
export const distributionNames = ['response', 'request', 'ttfb', 'connect', 'page'] as const

export function distributionCharts(
  { grid, list }: Distributions,
  heatMap: HeatMap | null,
): readonly Chart[] {
  return [
    ...(heatMap === null ? [] : [heatChart(heatMap)]),
    ...(list.length === 0 ? [] : [curveChart(list), belowChart(grid, list)]),
  ]
}

function curveChart(list: Distributions['list']): Chart {
  const known = Math.max(...list.map(({ curve }) => curve.findLastIndex((value) => value !== null)))
  const first = list[0]!
  const at = (nines: number): string => {
    const value = first.curve[curveGrid.indexOf(nines)]
    return value == null ? 'not known, for too few values' : `${msText(value)} ms`
  }
  return {
    id: 'curve',
    kind: 'curve',
    title: 'Percentile by percentile',
    unit: 'ms',
    description: `Of ${first.name}, p90 is ${at(1)}, p99 ${at(2)}, p99.9 ${at(3)}, p99.99 ${at(4)}, p99.999 ${at(5)}. A step to the right is ten times as rare.`,
    logarithmic: true,
    x: curveGrid.slice(0, known + 1),
    series: list.map(({ name, curve }, index) => ({
      label: name,
      colour: `s${index + 1}`,
      dashed: false,
      filled: false,
      values: curve.slice(0, known + 1),
    })),
  }
}

function belowChart(grid: readonly number[], list: Distributions['list']): Chart {
  const [first] = list
  const half = grid[first!.below.findIndex((share) => share >= 0.5)] ?? 0
  return {
    id: 'below',
    kind: 'below',
    title: 'Share of values below a time',
    unit: '%',
    description: `Half of all values of ${first!.name} are below ${msText(half)} ms. Steep means alike, flat means far apart.`,
    logarithmic: false,
    x: grid,
    series: list.map(({ name, below }, index) => ({
      label: name,
      colour: `s${index + 1}`,
      dashed: false,
      filled: false,
      values: below.map((share) => Number((100 * share).toPrecision(5))),
    })),
  }
}

function heatChart(heat: HeatMap): Chart {
  return {
    id: 'heat',
    kind: 'heat',
    title: `All values of ${heat.name} over time`,
    unit: 'ms',
    description: `The stronger the colour of a field, the more values it holds, ${countText(heat.most)} at most; from ${msText(heat.borders[0]!)} to ${msText(heat.borders.at(-1)!)} ms. Bands that part or climb are what percentiles hide.`,
    logarithmic: false,
    x: heat.seconds,
    series: [],
    heat,
  }
}
