/**
 * What strategies of all families have in common: a name, where they come from, and jars that bring others. Entry
 * class: {@link kemu.mm.strategy.Strategies}. No locks: host code, while the kernel boots.
 */
package kemu.mm.strategy;
