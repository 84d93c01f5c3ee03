package kemu.litmus.axiom;

import java.util.List;
import java.util.Set;

/**
 * What a memory model allows. Coherence of every location and the atomicity of read-modify-writes hold in all models
 * and are checked before.
 */
interface Axioms {
    /** For the rest of a search, what {@code candidate} allows whatever the orders of the writes; null if nothing. */
    Check check(Candidate candidate);

    /** Orderings that hold in every execution of {@code frame}; a cycle with any of them is forbidden. */
    Rel always(Frame frame);

    /** Whether reading from {@code write} is an ordering, too. */
    boolean ordersSource(Frame frame, int write, int read);

    /** Whether a read is ordered before the writes of other processes that overwrite what it read. */
    boolean ordersOverwrites();

    /** Whether locations are coherent and read-modify-writes atomic. */
    default boolean coherent() {
        return true;
    }

    /** What is wrong with a coherent execution, or null if it is allowed. */
    Forbidden forbids(Candidate candidate, Rel co, Rel fr);

    /** The axiom that forbids an execution, and the cycle that it forbids. */
    record Forbidden(String axiom, List<Told.Step> cycle) {
        /** The shortest way from an event to itself by one pair of {@code relation}; null if there is none. */
        static List<Told.Step> reflexive(Told relation) {
            List<Told.Step> best = null;
            for (int i = 0; i < relation.rel.size(); i++) {
                if (relation.rel.has(i, i)) {
                    List<Told.Step> one = relation.steps(i, i);
                    best = best == null || one.size() < best.size() ? one : best;
                }
            }
            return best;
        }
    }

    /** Whether values may explain themselves. */
    boolean thinAir();

    /** Whether srcu locks and unlocks read and write their srcu_struct. */
    boolean srcuAccesses();

    /** Of an execution that is allowed, what comes before what in time; acyclic. */
    Rel inTime(Candidate candidate, Rel co, Rel fr);

    /** Judges the orders of the writes of one candidate. */
    interface Check {
        /**
         * Whether the model allows it.
         *
         * @param co order of the writes to each location
         * @param fr from each read to the writes that come after its source
         * @param flags takes what is wrong with the test itself, such as a data race
         */
        boolean allows(Rel co, Rel fr, Set<String> flags);
    }
}
