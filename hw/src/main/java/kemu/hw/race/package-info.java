/**
 * The data race detector of emulated CPUs: an instrument beside the machine, never part of it. It knows what happened
 * before what from the accesses and fences themselves, as vector clocks, and judges every access by it.
 *
 * <p>Entry class: {@link kemu.hw.race.RaceDetector}. No locks live here; all state is on the host.
 */
package kemu.hw.race;
