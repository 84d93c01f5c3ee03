package kemu.hw.explore;

/**
 * A recorded execution, and what is needed to repeat it: what was explored, on which machine, and which state it ended
 * in. {@link ScheduleText} writes and reads it.
 *
 * @param scenario what was explored; opaque here
 * @param options how it was configured; opaque here
 * @param strategy how it was found, for people
 * @param seed of the search, for people
 * @param pollsAreSteps {@link Result#pollsAreSteps}
 * @param cpus CPUs of the machine
 * @param drains {@link Lanes#drains}
 * @param delivers {@link Lanes#delivers}
 * @param sceneHash {@link Exploration#sceneHash}
 * @param outcome how the execution ended
 * @param trail the steps
 * @param stateHash state of memory at the end
 */
public record Schedule(
        String scenario,
        String options,
        String strategy,
        long seed,
        boolean pollsAreSteps,
        int cpus,
        int drains,
        int delivers,
        long sceneHash,
        Outcome outcome,
        Trail trail,
        long stateHash) {

    /** The failed execution of {@code result}, found on {@code exploration}. */
    public static Schedule of(String scenario, String options, long seed, Exploration exploration, Result result) {
        Lanes lanes = exploration.lanes();
        return new Schedule(
                scenario,
                options,
                result.strategy(),
                seed,
                result.pollsAreSteps(),
                lanes.cpus(),
                lanes.drains(),
                lanes.delivers(),
                exploration.sceneHash(),
                result.outcome(),
                result.trail(),
                result.stateHash());
    }

    /** Why this schedule cannot be replayed on {@code exploration}: one line, or null if it can. */
    public String misfit(Exploration exploration) {
        Lanes lanes = exploration.lanes();
        if (cpus != lanes.cpus() || drains != lanes.drains() || delivers != lanes.delivers()) {
            return "schedule is of another machine: " + cpus + " CPUs, buffers " + drains + "/" + delivers + "; here "
                    + lanes.cpus() + " CPUs, buffers " + lanes.drains() + "/" + lanes.delivers();
        }
        if (sceneHash != exploration.sceneHash()) {
            return "schedule is of another build or scene: layout " + Long.toHexString(sceneHash) + ", here "
                    + Long.toHexString(exploration.sceneHash());
        }
        return null;
    }
}
