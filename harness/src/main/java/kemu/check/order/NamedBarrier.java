package kemu.check.order;

/**
 * One named ordering point of the kernel and what happens without it.
 *
 * @param name name in {@link kemu.hw.cpu.Barriers}, what {@code --weaken} takes
 * @param place where it is
 * @param killer the scenario whose check fails without it, as {@code name[/variant[/spinlock]]}; empty if none tries
 * @param search the search that finds that failure soonest
 * @param reason why it makes no difference on this hardware, or is not tried; null if a scenario kills its mutant
 */
public record NamedBarrier(String name, String place, String killer, String search, String reason) {
    static NamedBarrier killed(String name, String place, String killer) {
        return new NamedBarrier(name, place, killer, "random", null);
    }

    /** Not needed on the hardware modelled; {@code tried} is the scenario that tries all the same. */
    static NamedBarrier redundant(String name, String place, String tried, String reason) {
        return new NamedBarrier(name, place, tried, "random", reason);
    }

    /** Not needed for anything that the kernel promises; no scenario tries. */
    static NamedBarrier untried(String name, String place, String reason) {
        return new NamedBarrier(name, place, "", "random", reason);
    }

    NamedBarrier by(String other) {
        return new NamedBarrier(name, place, killer, other, reason);
    }

    /** True if a scenario fails without it. */
    public boolean needed() {
        return reason == null;
    }

    /** True if a scenario gets to it. */
    public boolean covered() {
        return !killer.isEmpty();
    }

    /** What happens without it, in words. */
    public String verdict() {
        return needed()
                ? "killed by " + killer
                : (covered() ? "redundant here: " : "redundant here, not tried: ") + reason;
    }

    /** How it orders, as far as its name tells. */
    public String order() {
        int colon = name.indexOf(':');
        return colon < 0 ? "fence" : name.substring(colon + 1);
    }
}
