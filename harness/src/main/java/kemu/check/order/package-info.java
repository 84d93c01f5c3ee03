/**
 * Scenarios for ordering points: small races in which a barrier of the locks, of RCU or of mm is the only thing that
 * keeps a promise, so that its mutant fails. {@link kemu.check.order.Orderings} lists them;
 * {@link kemu.check.order.BarrierTable} says which kills which.
 */
package kemu.check.order;
