/**
 * The orders that an access can ask for, and the names of all that order: {@link kemu.hw.order.Order},
 * {@link kemu.hw.order.Barriers}. Knows nothing else; no locks.
 */
package kemu.hw.order;
