package kemu.mm.page;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Ref;
import kemu.hw.machine.Machine;
import kemu.hw.mem.FailureKind;
import kemu.hw.mem.KernelBug;
import kemu.kernel.context.Task;
import kemu.kernel.task.Comms;
import kemu.kernel.task.Sched;

/**
 * What a page must look like when it is freed and when it is handed out. A page in a bad state is a kernel bug at the
 * spot.
 *
 * <p>Source: Linux 2.6.36 mm/page_alloc.c, free_pages_check(), check_new_page() and bad_page(), which only warns.
 */
final class PageCheck {
    private final Machine machine;
    private final MemMap map;

    PageCheck(Machine machine, MemMap map) {
        this.machine = machine;
        this.map = map;
    }

    // The count is loaded marked: whoever still has the page from before may raise and drop it at any time.

    /** free_pages_check: a page without references on its way to a free list. {@code flags} is its flag word. */
    void atFree(Cpu cpu, @Ref(Page.class) long page, long flags) {
        if ((flags & Page.CHECK_AT_FREE) != 0
                || Page.MAPCOUNT.get(cpu, page) != -1
                || Page.MAPPING.get(cpu, page) != 0
                || Page.COUNT.readOnce(cpu, page) != 0) {
            throw bad(cpu, page, reasonAtFree(cpu, page, flags));
        }
    }

    private static String reasonAtFree(Cpu cpu, long page, long flags) {
        if ((flags & Page.PG_FREE) != 0) {
            return "page is free already (double free)";
        }
        if ((flags & Page.CHECK_AT_FREE) != 0) {
            return "PAGE_FLAGS_CHECK_AT_FREE flag(s) set: " + Page.flagNames(flags & Page.CHECK_AT_FREE);
        }
        return reason(cpu, page);
    }

    /** check_new_page: a page that leaves a free list; nobody may have touched it there. */
    void atPrep(Cpu cpu, @Ref(Page.class) long page, long flags) {
        if (flags != Page.PG_FREE
                || Page.MAPCOUNT.get(cpu, page) != -1
                || Page.MAPPING.get(cpu, page) != 0
                || Page.COUNT.readOnce(cpu, page) != 0) {
            throw bad(
                    cpu,
                    page,
                    flags != Page.PG_FREE
                            ? "PAGE_FLAGS_CHECK_AT_PREP flag(s) set: " + Page.flagNames(flags)
                            : reason(cpu, page));
        }
    }

    private static String reason(Cpu cpu, long page) {
        if (Page.MAPCOUNT.get(cpu, page) != -1) {
            return "nonzero mapcount";
        }
        return Page.MAPPING.get(cpu, page) != 0 ? "non-NULL mapping" : "nonzero _count";
    }

    /** put_page on a page that had no reference. */
    KernelBug underflow(Cpu cpu, @Ref(Page.class) long page) {
        boolean free = Page.test(cpu, page, Page.PG_FREE);
        return bad(cpu, page, "nonzero _count" + (free ? ", put_page of a free page" : ""));
    }

    private KernelBug bad(Cpu cpu, long page, String reason) {
        String comm = Comms.of(machine).nameOf(cpu, Sched.current(cpu));
        int pid = Task.PID.get(cpu, Sched.current(cpu));
        return new KernelBug(
                FailureKind.BAD_PAGE_STATE,
                "BUG: Bad page state in process " + comm + ":" + pid + "  pfn:"
                        + String.format("%05x", map.pfnOf(page)) + "\n" + Page.describe(cpu, page)
                        + "\npage dumped because: " + reason);
    }
}
