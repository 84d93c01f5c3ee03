package kemu.junit;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Set;
import kemu.hw.cache.model.Alpha;
import kemu.hw.cache.model.Fence;
import kemu.hw.cache.model.MemoryModelProvider;
import kemu.hw.cache.model.Sc;
import kemu.hw.cache.model.StoreOrder;
import kemu.hw.cache.model.Tso;
import kemu.hw.cache.model.Weak;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.opentest4j.AssertionFailedError;

/** The contract of memory models: the built-in ones keep it, and each of its tests catches who does not. */
class MemoryModelContractTest {
    @Nested
    class ScTest extends MemoryModelContract {
        @Override
        protected MemoryModelProvider provider() {
            return new Sc();
        }
    }

    @Nested
    class TsoTest extends MemoryModelContract {
        @Override
        protected MemoryModelProvider provider() {
            return new Tso();
        }
    }

    @Nested
    class WeakTest extends MemoryModelContract {
        @Override
        protected MemoryModelProvider provider() {
            return new Weak();
        }
    }

    @Nested
    class AlphaTest extends MemoryModelContract {
        @Override
        protected MemoryModelProvider provider() {
            return new Alpha();
        }

        @Override
        protected Set<String> beyondKernel() {
            return Set.of("MP+assign+addr", "MP+rel+addr", "MP+wmb+addr", "WRC+rel+addr");
        }
    }

    /** A model with one fault. */
    private static final class Faulty extends MemoryModelContract {
        private final String fault;

        Faulty(String fault) {
            this.fault = fault;
        }

        @Override
        protected MemoryModelProvider provider() {
            return new MemoryModelProvider() {
                @Override
                public String name() {
                    return fault.equals("unknown") ? "nowhere" : "weak";
                }

                @Override
                public String description() {
                    return new Weak().description();
                }

                @Override
                public StoreOrder stores() {
                    return StoreOrder.PER_WORD;
                }

                @Override
                public Fence fullFence() {
                    return fault.equals("full") ? Fence.LIGHT : Fence.FULL;
                }

                @Override
                public Fence writeFence() {
                    return fault.equals("write") ? Fence.NOTHING : Fence.STORES;
                }
            };
        }
    }

    private static void refuses(String says, org.junit.jupiter.api.function.Executable test) {
        String told = assertThrows(AssertionFailedError.class, test).getMessage();
        assertTrue(told.contains(says), told);
    }

    @Test
    void shouldCatchAModelThatNobodyFinds() {
        assertThrows(IllegalArgumentException.class, () -> new Faulty("unknown").shouldBeFoundByName());
        assertDoesNotThrow(() -> new Faulty("none").shouldBeFoundByName());
    }

    @Test
    void shouldCatchAFullFenceThatIsNone() {
        refuses("the full fence is none: the model shows", new Faulty("full")::shouldOrderEverythingAcrossFullFences);
        refuses("SB+mb+mb", new Faulty("full")::shouldOrderEverythingAcrossFullFences);
        assertDoesNotThrow(new Faulty("none")::shouldOrderEverythingAcrossFullFences);
    }

    @Test
    void shouldCatchAWriteFenceThatIsNone() {
        refuses("MP+wmb+rmb", new Faulty("write")::shouldShowNothingThatTheKernelForbids);
        assertDoesNotThrow(new Faulty("none")::shouldShowNothingThatTheKernelForbids);
    }

    /** No provider can be incoherent: stores to one word are in one order on every machine here. */
    @Test
    void shouldCatchWhatIsShownThoughItMustNotBe() {
        Faulty model = new Faulty("none");
        refuses("[SB+po+po]", () -> model.requireNotShown("not coherent", java.util.List.of("SB+po+po", "CoRR")));
        assertDoesNotThrow(model::shouldBeCoherent);
        assertThrows(IllegalArgumentException.class, () -> model.shows("no-such-test"));
    }
}
