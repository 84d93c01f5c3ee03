package kemu.hw.explore;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import kemu.hw.cache.MemoryModel;
import org.junit.jupiter.api.Test;

/** How far a search says that it is. */
class CoveredTest {
    /** Asks before every execution, once the search has decided where it goes. */
    private static List<Double> shares(Scheduler search, List<String> phases) {
        List<Double> shares = new ArrayList<>();
        try (TinyProgram program = TinyProgram.random(new SplittableRandom(7), 2, 5, MemoryModel.SC)) {
            program.search(
                    new Scheduler() {
                        @Override
                        public String describe() {
                            return search.describe();
                        }

                        @Override
                        public boolean begin(long execution) {
                            if (execution > 0) {
                                shares.add(search.covered());
                                phases.add(search.phase());
                            }
                            return search.begin(execution);
                        }

                        @Override
                        public int choose(Lanes lanes, int last) {
                            return search.choose(lanes, last);
                        }

                        @Override
                        public void end(Lanes lanes) {
                            search.end(lanes);
                        }

                        @Override
                        public boolean exhaustive() {
                            return search.exhaustive();
                        }

                        @Override
                        public boolean preempts() {
                            return search.preempts();
                        }
                    },
                    100_000);
        }
        return shares;
    }

    @Test
    void shouldSayInAnExhaustiveSearchWhichShareOfTheBranchesIsDone() {
        List<Double> shares = shares(new Dpor(), new ArrayList<>());
        assertTrue(shares.size() > 3, shares::toString);
        assertTrue(shares.stream().allMatch(share -> share >= 0 && share < 1), shares::toString);
        // Nothing is left beside the last execution, whose own share is as small as it lies deep.
        assertTrue(shares.getLast() > 0.5, shares::toString);
        assertTrue(shares.getFirst() < 0.5, shares::toString);
    }

    @Test
    void shouldNeverGoBackWithinAPassAndNameThePass() {
        List<String> phases = new ArrayList<>();
        List<Double> shares = shares(new Bounded(2), phases);
        assertTrue(phases.getFirst().contains("at most 0 deviation(s) of 2"), phases::toString);
        assertTrue(phases.getLast().contains("at most 2 deviation(s) of 2"), phases::toString);
        for (int i = 1; i < shares.size(); i++) {
            boolean samePass = phases.get(i).equals(phases.get(i - 1));
            // A word that turns out to be shared begins the pass again.
            boolean again = shares.get(i) == 0;
            assertTrue(!samePass || again || shares.get(i) >= shares.get(i - 1), shares.toString());
        }
        assertTrue(shares.getLast() > 0.5, shares::toString);
    }

    @Test
    void shouldSayNothingOfASearchThatSamples() {
        assertTrue(Double.isNaN(new RandomWalk(1).covered()));
        assertEquals("", new RandomWalk(1).phase());
    }
}
