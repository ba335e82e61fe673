import { type Metrics, pixelMetrics } from '@interleave/trace/timeline';

/** Bars that can be pointed at, without words beside them: for many lanes, whose words stand elsewhere. */
export function wordlessMetrics(width: number): Metrics {
  return {
    ...pixelMetrics(width),
    row: 13,
    laneGap: 16,
    barAt: 0,
    bar: 10,
    dense: { nameAt: 13, lane: 30 },
  };
}
