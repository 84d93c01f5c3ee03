/**
 * Building blocks for scenarios of any subsystem that looks objects up without their lock: a type of objects with a
 * key, references and a lock ({@link kemu.check.kit.ObjectType}), the slab cache in which they live
 * ({@link kemu.check.kit.ObjectCache}), and a table in which they are found under RCU
 * ({@link kemu.check.kit.PlaceTable}). Lists are {@link kemu.rcu.list.ListHead} and {@link kemu.rcu.list.RcuList};
 * words of a scene come from {@link kemu.check.scenario.Scene#word}.
 *
 * <p>Entry class: {@link kemu.check.kit.ObjectType}. Locks: none is taken here; the lock of an object is for the
 * scenario to take.
 */
package kemu.check.kit;
