/**
 * Metrics of a run for Prometheus, by its official client library. Loaded only if they are asked for.
 *
 * <p>Entry class: {@link kemu.metrics.MetricsServer}.
 */
package kemu.metrics;
