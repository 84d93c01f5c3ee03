/**
 * Intrusive containers: circular doubly linked lists, hash-chain lists, their RCU forms, and red-black trees. Links are
 * addresses of nodes embedded in the objects; {@link kemu.hw.layout.Embedded#containerOf} gets the object.
 *
 * <p>Entry classes: {@link kemu.rcu.list.ListHead}, {@link kemu.rcu.list.RbTree}. No locks live here: writers hold the
 * caller's lock, readers of the RCU forms an RCU read lock.
 */
package kemu.rcu.list;
