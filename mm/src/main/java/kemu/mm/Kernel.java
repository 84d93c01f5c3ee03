package kemu.mm;

import kemu.hw.cpu.Cpu;
import kemu.hw.machine.Machine;
import kemu.mm.fault.Faults;
import kemu.mm.fault.UserAccess;
import kemu.mm.file.Files;
import kemu.mm.file.PageCache;
import kemu.mm.page.Lru;
import kemu.mm.page.PageAllocator;
import kemu.mm.page.PageLock;
import kemu.mm.page.VmStat;
import kemu.mm.pgtable.PageTable;
import kemu.mm.process.Processes;
import kemu.mm.reclaim.Vmscan;
import kemu.mm.rmap.AnonVmas;
import kemu.mm.rmap.PageRmap;
import kemu.mm.rmap.RmapWalk;
import kemu.mm.slab.SlabAllocator;
import kemu.mm.swap.Swap;
import kemu.mm.vma.Mmap;
import kemu.mm.vma.Mms;
import kemu.rcu.Rcu;
import kemu.rcu.RcuOptions;

/**
 * The booted kernel: every service of mm, in boot order. The object holds constants only; state is in emulated memory.
 * Boot happens on {@code machine.bootCpu()} before the machine runs; {@link #start} then makes the kernel threads.
 */
public final class Kernel {
    private final Machine machine;
    private final KernelConfig config;
    private final Rcu rcu;
    private final VmStat vmStat;
    private final PageLock pageLock;
    private final PageAllocator pages;
    private final Lru lru;
    private final SlabAllocator slabs;
    private final Swap swap;
    private final PageTable pageTable;
    private final Files files;
    private final PageCache pageCache;
    private final AnonVmas anonVmas;
    private final PageRmap pageRmap;
    private final RmapWalk rmapWalk;
    private final Mms mms;
    private final Mmap mmap;
    private final Faults faults;
    private final UserAccess userAccess;
    private final Vmscan vmscan;
    private final Processes processes;

    /** Boots a kernel on {@code machine}. */
    public Kernel(Machine machine, KernelConfig config) {
        this.machine = machine;
        this.config = config;
        RcuOptions options =
                RcuOptions.defaults().withFlavor(config.rcu()).withStall(RcuOptions.STALL_JIFFIES, config.log());
        rcu = Rcu.boot(machine, config.background() ? options : options.withoutTicks());
        vmStat = new VmStat(this);
        pageLock = new PageLock(this);
        swap = new Swap(this);
        pages = new PageAllocator(this);
        lru = new Lru(this);
        slabs = new SlabAllocator(this);
        pageTable = new PageTable(this);
        files = new Files(this);
        pageCache = new PageCache(this);
        anonVmas = new AnonVmas(this);
        pageRmap = new PageRmap(this);
        rmapWalk = new RmapWalk(this);
        mms = new Mms(this);
        mmap = new Mmap(this);
        faults = new Faults(this);
        userAccess = new UserAccess(this);
        vmscan = new Vmscan(this);
        processes = new Processes(this);
    }

    /** Starts kernel threads (kswapd). Boot only. */
    public void start(Cpu cpu) {
        vmscan.reportOom(config.log()::accept);
        vmscan.start(cpu);
    }

    /** See {@link Machine}. */
    public Machine machine() {
        return machine;
    }

    /** See {@link KernelConfig}. */
    public KernelConfig config() {
        return config;
    }

    /** See {@link Rcu}. */
    public Rcu rcu() {
        return rcu;
    }

    /** See {@link VmStat}. */
    public VmStat vmStat() {
        return vmStat;
    }

    /** See {@link PageLock}. */
    public PageLock pageLock() {
        return pageLock;
    }

    /** See {@link PageAllocator}. */
    public PageAllocator pages() {
        return pages;
    }

    /** See {@link Lru}. */
    public Lru lru() {
        return lru;
    }

    /** See {@link SlabAllocator}. */
    public SlabAllocator slabs() {
        return slabs;
    }

    /** See {@link Swap}. */
    public Swap swap() {
        return swap;
    }

    /** See {@link PageTable}. */
    public PageTable pageTable() {
        return pageTable;
    }

    /** See {@link Files}. */
    public Files files() {
        return files;
    }

    /** See {@link PageCache}. */
    public PageCache pageCache() {
        return pageCache;
    }

    /** See {@link AnonVmas}. */
    public AnonVmas anonVmas() {
        return anonVmas;
    }

    /** See {@link PageRmap}. */
    public PageRmap pageRmap() {
        return pageRmap;
    }

    /** See {@link RmapWalk}. */
    public RmapWalk rmapWalk() {
        return rmapWalk;
    }

    /** See {@link Mms}. */
    public Mms mms() {
        return mms;
    }

    /** See {@link Mmap}. */
    public Mmap mmap() {
        return mmap;
    }

    /** See {@link Faults}. */
    public Faults faults() {
        return faults;
    }

    /** See {@link UserAccess}. */
    public UserAccess userAccess() {
        return userAccess;
    }

    /** See {@link Vmscan}. */
    public Vmscan vmscan() {
        return vmscan;
    }

    /** See {@link Processes}. */
    public Processes processes() {
        return processes;
    }
}
