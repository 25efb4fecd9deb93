/** Metrics of routes: which of two routes to the same network has priority, and whether that is decided. */
import type { Interface } from '../cluster.ts';

/**
 * The default metric of routes (`nm_device_get_route_metric_default` in NetworkManager's nm-device.c). If several devices have the
 * same type, each later one gets the next higher metric.
 */
const USUAL_METRIC: Readonly<Record<Interface['type'], number>> = { ethernet: 100, bond: 300, vlan: 400, bridge: 425 };

/** A route of an interface. Without a metric of its own it has the interface's. */
export interface Metric {
  readonly one: Interface;
  readonly metric: number | null;
}

const metricOf = ({ one, metric }: Metric): number | null => metric ?? one.routeMetric;

/** Whether two routes to the same network may get equal metrics: none has a metric, or one has NetworkManager's default. */
export function mayTie(a: Metric, b: Metric): boolean {
  const [left, right] = [metricOf(a), metricOf(b)];
  return (
    left === right ||
    (left === null && right === USUAL_METRIC[a.one.type]) ||
    (right === null && left === USUAL_METRIC[b.one.type])
  );
}
