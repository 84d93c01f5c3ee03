package kemu.mm.fault;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import kemu.hw.cpu.Cpu;
import kemu.kernel.task.Sched;
import kemu.kernel.task.TaskBody;
import kemu.mm.KernelConfig;
import kemu.mm.page.Gfp;
import kemu.mm.page.Page;
import kemu.mm.page.PageLock;
import kemu.mm.page.VmStatItem;
import kemu.mm.pgtable.Pte;
import kemu.mm.rmap.AnonVmaAudit;
import kemu.mm.rmap.MmLab;
import kemu.mm.rmap.RmapWalk;
import kemu.mm.swap.Swap;
import kemu.mm.types.MmStruct;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Threads of one mm, and children that come and go, use pages that another CPU takes away at the same time. Every
 * thread has a word of its own in every page, so a lost store, a page mapped twice or a wrong page is seen at once.
 */
class SwapRacesTest {
    private static final int PAGES = 6;
    private static final int THREADS = 2;

    /** One run: the machine, and what its tasks share. */
    private static final class Race {
        final MmLab lab;
        final int rounds;
        final long seed;
        final AtomicLong mm = new AtomicLong();
        final AtomicInteger threads = new AtomicInteger(THREADS);
        /** Whether every second page stays in the swap cache when no pte maps it any more. */
        final boolean keeps;

        private boolean kept;

        Race(MmLab lab, int rounds, long seed, boolean keeps) {
            this.keeps = keeps;
            this.lab = lab;
            this.rounds = rounds;
            this.seed = seed;
        }

        /** How many pages were read from swap. */
        long run() {
            List<TaskBody> bodies = new ArrayList<>();
            for (int i = 0; i < THREADS; i++) {
                int who = i;
                bodies.add(cpu -> thread(cpu, who, new SplittableRandom(seed * 7 + who)));
            }
            bodies.add(this::reclaim);
            lab.run(bodies);
            return lab.kernel.vmStat().sum(lab.machine.bootCpu(), VmStatItem.PSWPIN);
        }

        private void thread(Cpu cpu, int who, SplittableRandom random) {
            if (who == 0) {
                long fresh = lab.newMm(cpu, PAGES);
                for (int i = 1; i < THREADS; i++) {
                    lab.kernel.mms().mmget(cpu, fresh);
                }
                mm.set(fresh);
            }
            // Ends when the first thread has made the address space.
            while (mm.get() == 0) {
                cpu.relax();
            }
            long[] model = new long[PAGES];
            for (int round = 0; round < rounds; round++) {
                int page = random.nextInt(PAGES);
                long next = random.nextLong();
                boolean write = random.nextInt(4) != 0;
                int code = lab.kernel.userAccess().touch(cpu, mm.get(), word(page, who), write, model[page], next);
                assertEquals(
                        0,
                        code,
                        "page " + page + " of thread " + who + ": "
                                + lab.kernel.userAccess().lastValue(cpu) + " instead of " + model[page]);
                if (write) {
                    model[page] = next;
                }
                if (who == 0 && random.nextInt(8) == 0) {
                    child(cpu, model, random);
                }
            }
            for (int page = 0; page < PAGES; page++) {
                assertEquals(0, lab.kernel.userAccess().load64(cpu, mm.get(), word(page, who), model[page]));
            }
            threads.decrementAndGet();
        }

        /** A child sees what the forking thread wrote, keeps it while the parent goes on, and writes for itself. */
        private void child(Cpu cpu, long[] model, SplittableRandom random) {
            long child = lab.kernel.mms().dupMm(cpu, mm.get());
            int page = random.nextInt(PAGES);
            assertEquals(0, lab.kernel.userAccess().storeChecked(cpu, child, word(page, 0), model[page], 1));
            for (int i = 0; i < PAGES; i++) {
                long expected = i == page ? 1 : model[i];
                assertEquals(0, lab.kernel.userAccess().load64(cpu, child, word(i, 0), expected));
            }
            lab.kernel.mms().mmput(cpu, child);
        }

        private void reclaim(Cpu cpu) {
            SplittableRandom random = new SplittableRandom(seed * 7 + THREADS);
            // Ends when the threads are done.
            while (threads.get() > 0) {
                cpu.relax();
                if (mm.get() != 0) {
                    takeAway(cpu, lab.pte(cpu, mm.get(), random.nextInt(PAGES)));
                }
                Sched.of(lab.machine).condResched(cpu);
            }
            long address = mm.get();
            assertTrue(MmStruct.ANON_RSS.readOnce(cpu, address) + MmStruct.SWAPENTS.readOnce(cpu, address) <= PAGES);
            for (int i = 0; i < THREADS; i++) {
                lab.kernel.mms().mmput(cpu, address);
            }
            assertEquals(0, lab.kernel.vmStat().sum(cpu, VmStatItem.NR_ANON_PAGES));
            assertEquals("", new AnonVmaAudit(lab.kernel.anonVmas()).audit(cpu));
            // A page that reclaim held locked when its last user went stays in the swap cache until it is met again.
            for (int i = 0; i < 20 && lab.kernel.swap().usedEntries(cpu) != 0; i++) {
                lab.kernel.lru().drainAll(cpu);
                lab.kernel.vmscan().directReclaim(cpu, Gfp.KERNEL, 0);
            }
            assertEquals(0, lab.kernel.swap().usedEntries(cpu), "swap entries");
        }

        /** shrink_page_list for one page, whatever memory there is. */
        private void takeAway(Cpu cpu, long pte) {
            long page = Pte.present(pte) ? lab.kernel.pages().pageOf(Pte.frame(pte)) : Cpu.NULL;
            if (page == Cpu.NULL || (pte & Pte.SPECIAL) != 0 || !Page.getUnlessZero(cpu, page)) {
                return;
            }
            lab.kernel.lru().drainAll(cpu);
            boolean isolated = lab.kernel.lru().isolate(cpu, page);
            lab.kernel.pages().putPage(cpu, page);
            if (isolated && !(lab.kernel.pageLock().tryLock(cpu, page) && unmapAndFree(cpu, page))) {
                lab.kernel.lru().putback(cpu, page);
            }
        }

        /** True if the page is freed. Context: page lock, dropped here. */
        private boolean unmapAndFree(Cpu cpu, long page) {
            PageLock pageLock = lab.kernel.pageLock();
            Swap swap = lab.kernel.swap();
            lab.kernel.rmapWalk().pageReferenced(cpu, page, true);
            boolean cached = Page.test(cpu, page, Page.PG_SWAPCACHE);
            if (!Page.isAnon(cpu, page) || !Page.isMapped(cpu, page) || !(cached || swap.addToSwap(cpu, page))) {
                pageLock.unlock(cpu, page);
                return false;
            }
            if (lab.kernel.rmapWalk().tryToUnmap(cpu, page) != RmapWalk.SWAP_SUCCESS) {
                pageLock.unlock(cpu, page);
                return false;
            }
            kept = keeps && !kept;
            if (kept) {
                pageLock.unlock(cpu, page);
                return false;
            }
            if (Page.test(cpu, page, Page.PG_DIRTY)) {
                swap.writepage(cpu, page);
                pageLock.lock(cpu, page);
            }
            boolean clean = !Page.test(cpu, page, Page.PG_DIRTY | Page.PG_WRITEBACK);
            if (!clean || !Page.test(cpu, page, Page.PG_SWAPCACHE) || !swap.removeMapping(cpu, page)) {
                pageLock.unlock(cpu, page);
                return false;
            }
            Page.FLAGS.set(cpu, page, Page.FLAGS.get(cpu, page) & ~(Page.PG_LOCKED | Page.PG_ACTIVE));
            lab.kernel.pages().freePages(cpu, page, 0);
            return true;
        }

        private static long word(int page, int who) {
            return MmLab.BASE + (long) page * MmLab.PAGE + (long) who * Long.BYTES;
        }
    }

    @ParameterizedTest
    @CsvSource({"native, 6, 2000", "emu, 300, 40"})
    void shouldNeverLoseAStoreWhilePagesAreTakenAway(String kind, int seeds, int rounds) {
        long swappedIn = 0;
        for (int seed = 0; seed < seeds; seed++) {
            String anonVma = seed % 3 == 2 ? "root-rwsem" : "root-recheck";
            try (MmLab lab = MmLab.boot(kind, THREADS + 1, seed, anonVma, "debug")) {
                swappedIn += new Race(lab, rounds, seed, false).run();
            } catch (RuntimeException | Error failure) {
                throw new AssertionError("seed " + seed + ": " + failure.getMessage(), failure);
            }
        }
        assertTrue(swappedIn > 0, "nothing was ever taken away");
    }

    /** The same where most faults do without mmap_sem, also those that copy and those that find pages swapped out. */
    @ParameterizedTest
    @CsvSource({"native, 3, 2000", "emu, 60, 60"})
    void shouldNeverLoseOneWhoseFaultIsSpeculative(String kind, int seeds, int rounds) {
        int copies = 0;
        int swapIns = 0;
        for (int seed = 0; seed < seeds; seed++) {
            KernelConfig config = KernelConfig.of(1024).withVmaLookup("spf");
            try (MmLab lab = MmLab.boot(kind, THREADS + 1, seed, config)) {
                TagCounts counts = new TagCounts(lab.machine);
                new Race(lab, rounds, seed, true).run();
                copies += counts.of(Faults.SPECULATIVE_COW_TAG);
                swapIns += counts.of(Faults.SPECULATIVE_SWAPIN_TAG);
                long served = lab.kernel.vmStat().sum(lab.machine.bootCpu(), VmStatItem.SPECULATIVE_PGFAULT);
                assertTrue(served >= counts.of(Faults.SPECULATIVE_TAG), "each is counted");
            } catch (RuntimeException | Error failure) {
                throw new AssertionError("seed " + seed + ": " + failure.getMessage(), failure);
            }
        }
        assertTrue(copies > 0, "no copy was speculative");
        assertTrue(swapIns > 0, "no page of the swap cache was mapped by a speculative fault");
    }
}
