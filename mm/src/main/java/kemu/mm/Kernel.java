package kemu.mm;

import kemu.hw.cpu.Cpu;
import kemu.hw.machine.Machine;
import kemu.kernel.task.Sched;
import kemu.mm.fault.Faults;
import kemu.mm.fault.UserAccess;
import kemu.mm.file.Files;
import kemu.mm.file.PageCache;
import kemu.mm.page.Lru;
import kemu.mm.page.PageAllocator;
import kemu.mm.page.PageLock;
import kemu.mm.page.VmStat;
import kemu.mm.pgtable.MmuGather;
import kemu.mm.pgtable.PageTable;
import kemu.mm.pgtable.tlb.TlbModes;
import kemu.mm.process.Processes;
import kemu.mm.reclaim.Vmscan;
import kemu.mm.rmap.AnonVmaLocking;
import kemu.mm.rmap.AnonVmaLockingProvider;
import kemu.mm.rmap.AnonVmaRefs;
import kemu.mm.rmap.AnonVmaRules;
import kemu.mm.rmap.AnonVmaServices;
import kemu.mm.rmap.AnonVmas;
import kemu.mm.rmap.PageRmap;
import kemu.mm.rmap.PageVma;
import kemu.mm.rmap.RmapWalk;
import kemu.mm.rmap.UnmapOne;
import kemu.mm.rmap.lock.AnonVmaLockings;
import kemu.mm.rmap.rules.AnonVmaRuleSets;
import kemu.mm.slab.SlabAllocator;
import kemu.mm.swap.Swap;
import kemu.mm.vma.MmCaches;
import kemu.mm.vma.MmRefs;
import kemu.mm.vma.Mmap;
import kemu.mm.vma.Mms;
import kemu.mm.vma.VmaLookup;
import kemu.mm.vma.VmaLookupProvider;
import kemu.mm.vma.VmaServices;
import kemu.mm.vma.lookup.VmaLookups;
import kemu.rcu.Rcu;
import kemu.rcu.RcuOptions;
import kemu.rcu.flavors.RcuFlavors;

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
    private final PageCache pageCache;
    private final Files files;
    private final AnonVmas anonVmas;
    private final PageRmap pageRmap;
    private final RmapWalk rmapWalk;
    private final PageVma pageVma;
    private final MmuGather gathers;
    private final Mms mms;
    private final Mmap mmap;
    private final Faults faults;
    private final Vmscan vmscan;
    private final UserAccess userAccess;
    private final Processes processes;

    /** Boots a kernel on {@code machine}. The order decides where things lie in memory. */
    public Kernel(Machine machine, KernelConfig config) {
        this.machine = machine;
        this.config = config;
        Cpu boot = machine.bootCpu();
        RcuOptions options = RcuOptions.defaults()
                .withFlavor(config.rcu())
                .withQhimark(config.qhimark())
                .withStall(RcuOptions.STALL_JIFFIES, config.log());
        rcu = RcuFlavors.boot(machine, config.background() ? options : options.withoutTicks());

        vmStat = new VmStat(machine);
        pageLock = new PageLock(machine);
        Swap.Memory swapMemory = Swap.Memory.reserve(machine, config.swapPages());
        VmaLookupProvider lookups = VmaLookups.byName(config.vmaLookup());
        long taskWords = lookups.memory().reserveTasks(machine);
        pages = new PageAllocator(machine, vmStat);
        lru = new Lru(machine, vmStat, pages);

        slabs = new SlabAllocator(machine, rcu, pages, vmStat, config.slabReuse());
        swap = new Swap(swapMemory, pages, lru, pageLock, vmStat);
        pageTable = new PageTable(machine, pages, vmStat, TlbModes.byName(config.tlb()));
        Files.Memory fileMemory = Files.Memory.reserve(boot, slabs, pages);
        pageCache = new PageCache(machine, rcu, vmStat, pageLock, pages, lru, slabs);
        files = new Files(fileMemory, Sched.of(machine), lru, swap, pageCache);

        AnonVmaRules rules = AnonVmaRuleSets.byName(config.anonVmaRules());
        AnonVmaLockingProvider strategy = AnonVmaLockings.byName(config.anonVma());
        AnonVmaRefs anonVmaRefs = new AnonVmaRefs(boot, slabs, strategy.reusesAfterGracePeriod(), rules.life());
        AnonVmaLocking locking = strategy.create(new AnonVmaServices(rcu, anonVmaRefs));
        anonVmas = new AnonVmas(boot, slabs, anonVmaRefs, locking, rules);
        pageRmap = new PageRmap(vmStat, lru, rules.shared());
        pageVma = new PageVma(pageTable, pages);
        UnmapOne unmapOne = new UnmapOne(pages, swap, pageTable, pageCache, pageRmap, pageVma);
        rmapWalk = new RmapWalk(pageLock, pageTable, pageVma, locking, unmapOne);
        gathers = new MmuGather(
                pageTable, pages, pageLock, swap, rules.mapcounts().apply(pageRmap));

        MmCaches mmCaches = new MmCaches(boot, slabs, lookups.memory());
        MmRefs mmRefs = new MmRefs(pageTable, mmCaches);
        VmaLookup lookup =
                lookups.create(new VmaServices(machine, vmStat, rcu, slabs, mmRefs, mmCaches.vmas(), taskWords));
        mms = new Mms(
                machine, pages, lru, swap, pageTable, gathers, pageCache, files, anonVmas, pageRmap, mmCaches, mmRefs,
                lookup);
        mmap = new Mmap(machine, lru, pageTable, files, anonVmas, gathers, mms);
        faults = new Faults(machine, vmStat, pageLock, pages, swap, pageTable, pageCache, anonVmas, pageRmap, mms);
        vmscan = new Vmscan(machine, rcu, vmStat, pageLock, pages, lru, swap, pageCache, files, rmapWalk);
        userAccess = new UserAccess(machine, pageTable, faults, vmscan);
        processes = new Processes(machine, slabs, files, mms, mmap);
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

    /** See {@link PageVma}. */
    public PageVma pageVma() {
        return pageVma;
    }

    /** See {@link MmuGather}. */
    public MmuGather gathers() {
        return gathers;
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
