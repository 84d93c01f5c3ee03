package kemu.mm.rmap.lock;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import kemu.mm.KernelConfig;
import kemu.mm.rmap.AnonVmaLockingProvider;
import org.junit.jupiter.api.Test;

class AnonVmaLockingsTest {
    @Test
    void shouldListEveryStrategyOnceAndMarkTheKnownBad() {
        for (AnonVmaLockingProvider provider : AnonVmaLockings.BUILT_IN) {
            assertEquals(provider, AnonVmaLockings.byName(provider.name()));
            assertFalse(provider.description().isBlank());
        }
        assertTrue(AnonVmaLockings.byName("root-reread").knownBad());
        assertFalse(AnonVmaLockings.byName("root-recheck").knownBad());
        assertEquals(
                KernelConfig.of(0).anonVma(), AnonVmaLockings.BUILT_IN.get(0).name(), "the default comes first");
    }

    @Test
    void shouldSayWhatIsAllowedWhenNameIsUnknown() {
        IllegalArgumentException wrong =
                assertThrows(IllegalArgumentException.class, () -> AnonVmaLockings.byName("nonsense"));
        assertEquals("anon-vma: nonsense (allowed: root-recheck, root-reread, root-rwsem)", wrong.getMessage());
    }
}
