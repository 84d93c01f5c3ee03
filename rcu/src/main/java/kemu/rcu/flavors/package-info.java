/**
 * The flavours of RCU that there are, by name, above all of them. Entry class: {@link kemu.rcu.flavors.RcuFlavors}. No
 * locks.
 */
package kemu.rcu.flavors;
