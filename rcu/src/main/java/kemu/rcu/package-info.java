/** Read-copy-update. A reader never waits; an updater waits for a grace period. */
package kemu.rcu;
