/**
 * Whether what a run holds grows without end: levels over time, slopes fitted to them, and which slope is a leak.
 *
 * <p>Entry class: {@link kemu.soak.trend.LeakTrends}.
 */
package kemu.soak.trend;
