package kemu.check.mlock;

import java.util.List;
import kemu.check.scenario.Scenario;

/** The scenarios of this package. */
public final class MlockScenarios {
    /** In the order of KERNEL-FACTS section E.5. */
    public static final List<Scenario> ALL = List.of(
            new PutbackBarrier(
                    "mlock-barrier-split",
                    "putback against munlock, PG_lru and PG_mlocked in two words: who sees the other?",
                    List.of("split-with-barrier", "split-without-barrier", "split-without-barrier-cleared-under-lock"),
                    false),
            new PutbackBarrier(
                    "mlock-barrier-word",
                    "the same, both flags in one word: is the barrier needed?",
                    List.of("with-barrier", "without-barrier"),
                    false),
            new PutbackBarrier(
                    "lru-mlock-barrier",
                    "a page leaves its pagevec while it is munlocked: on which list does it end up?",
                    List.of(
                            "pagevec",
                            "pagevec-without-barrier",
                            "pagevec-test-first",
                            "split-pagevec",
                            "split-pagevec-without-barrier",
                            "split-pagevec-atomic-without-barrier",
                            "split-pagevec-without-barrier-cleared-under-lock",
                            "rmap-counted-locked",
                            "rmap-counted"),
                    true),
            new ShmUnlock(),
            new TruncateMlocked(
                    "mlock-trunc-cow",
                    "ftruncate of a private copy that is mlocked: is it munlocked before it is freed?",
                    "\"mm: munlock COW pages on truncation unmap\", September 2009; e6c509f85455 (3.7)",
                    TruncateMlocked.Beside.NOTHING,
                    List.of(
                            "last-unmap-pte-lock",
                            "last-unmap",
                            "rmap-counted",
                            "munlock-on-zap",
                            "munlock-on-zap-unlocked",
                            "with-barrier",
                            "pte-lock"),
                    "with-barrier",
                    "pte-lock"),
            new TruncateMlocked(
                    "mlock-trunc-mlock",
                    "ftruncate against mlock() of the page: who comes to it last?",
                    "KOSAKI Motohiro and Johannes Weiner, 2 October 2009; 110d74a921f4 (2.6.38), e6c509f85455 (3.7)",
                    TruncateMlocked.Beside.MLOCK,
                    List.of(
                            "last-unmap-pte-lock",
                            "last-unmap",
                            "rmap-counted",
                            "munlock-on-zap",
                            "munlock-on-zap-cows-last",
                            "with-barrier"),
                    "munlock-on-zap",
                    "munlock-on-zap-cows-last",
                    "with-barrier"),
            new TruncateMlocked(
                    "mlock-trunc-lazy",
                    "ftruncate against reclaim, which mlocks the page that mlock() has missed",
                    "\"mm: munlock COW pages on truncation unmap\", September 2009; b87537d9e2fe (4.4)",
                    TruncateMlocked.Beside.RECLAIM,
                    List.of(
                            "last-unmap-pte-lock",
                            "rmap-counted",
                            "munlock-on-zap",
                            "munlock-on-zap-unlocked",
                            "last-unmap"),
                    "munlock-on-zap-unlocked",
                    "last-unmap"),
            new TruncateMlocked(
                    "mlock-trunc-munlock",
                    "ftruncate against munlock() of the page: who clears PG_mlocked?",
                    "Linux 5.18 mm/swap.c, __page_cache_release()",
                    TruncateMlocked.Beside.MUNLOCK,
                    List.of("last-unmap-pte-lock", "rmap-counted", "munlock-on-zap")),
            new TruncateMlocked(
                    "mlock-trunc-write",
                    "ftruncate against the first private write to a page that is mlocked: two copies, who munlocks?",
                    "\"mm: munlock COW pages on truncation unmap\", September 2009, zap_pte_range()",
                    TruncateMlocked.Beside.WRITE,
                    List.of(
                            "last-unmap-pte-lock",
                            "rmap-counted",
                            "munlock-on-zap",
                            "munlock-on-zap-cows-last",
                            "munlock-on-zap-one-pass",
                            "with-barrier"),
                    "with-barrier"),
            new MunlockLost(),
            new TwoVmas(),
            new Munlock518(),
            new NrMlock(),
            new MlockMix());

    private MlockScenarios() {}
}
