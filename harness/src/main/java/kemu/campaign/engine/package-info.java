/**
 * Where the shards of a campaign run: as processes of this machine, or by the scheduler of a cluster. kemu schedules
 * nothing itself: it submits, waits, and collects what shards have left.
 *
 * <p>Entry class: {@link kemu.campaign.engine.Engines}. Locks: none.
 */
package kemu.campaign.engine;
