package kemu.mm;

import kemu.hw.cpu.Cpu;
import kemu.hw.machine.Machine;
import kemu.kernel.task.Sched;
import kemu.mm.fault.Faults;
import kemu.mm.fault.PopulatePages;
import kemu.mm.fault.SlotPin;
import kemu.mm.fault.UserAccess;
import kemu.mm.fault.direct.SlotPins;
import kemu.mm.file.FilemapFault;
import kemu.mm.file.Files;
import kemu.mm.file.PageCache;
import kemu.mm.file.ShmLock;
import kemu.mm.file.TruncateInodePages;
import kemu.mm.huge.HugePages;
import kemu.mm.huge.rules.CollapseRuleSets;
import kemu.mm.khugepaged.Khugepaged;
import kemu.mm.ksm.Ksm;
import kemu.mm.ksm.KsmRules;
import kemu.mm.ksm.MergedWalk;
import kemu.mm.ksm.rules.KsmRuleSets;
import kemu.mm.migrate.Compaction;
import kemu.mm.migrate.GivenPages;
import kemu.mm.migrate.MemoryFailure;
import kemu.mm.migrate.Migration;
import kemu.mm.migrate.MigrationRules;
import kemu.mm.migrate.rules.MigrationRuleSets;
import kemu.mm.mlock.MlockServices;
import kemu.mm.mlock.Mlocking;
import kemu.mm.mlock.MlockingProvider;
import kemu.mm.mlock.kind.Mlockings;
import kemu.mm.page.Lru;
import kemu.mm.page.PageAllocator;
import kemu.mm.page.PageLock;
import kemu.mm.page.VmStat;
import kemu.mm.pgtable.MmuGather;
import kemu.mm.pgtable.PageTable;
import kemu.mm.pgtable.gather.Gathers;
import kemu.mm.pgtable.tlb.TlbModes;
import kemu.mm.process.Processes;
import kemu.mm.reclaim.Vmscan;
import kemu.mm.rmap.AnonVmaIndex;
import kemu.mm.rmap.AnonVmaLocking;
import kemu.mm.rmap.AnonVmaLockingProvider;
import kemu.mm.rmap.AnonVmaRefs;
import kemu.mm.rmap.AnonVmaRules;
import kemu.mm.rmap.AnonVmaServices;
import kemu.mm.rmap.AnonVmas;
import kemu.mm.rmap.MergedPages;
import kemu.mm.rmap.PageMkclean;
import kemu.mm.rmap.PageRmap;
import kemu.mm.rmap.PageVma;
import kemu.mm.rmap.RmapWalk;
import kemu.mm.rmap.TryToMunlock;
import kemu.mm.rmap.UnmapOne;
import kemu.mm.rmap.index.AnonVmaIndexes;
import kemu.mm.rmap.lock.AnonVmaLockings;
import kemu.mm.rmap.rules.AnonVmaRuleSets;
import kemu.mm.slab.SlabAllocator;
import kemu.mm.swap.FoundPageChecks;
import kemu.mm.swap.Swap;
import kemu.mm.swap.rules.FoundPageRuleSets;
import kemu.mm.truncate.Truncate;
import kemu.mm.truncate.TruncateRules;
import kemu.mm.truncate.rules.TruncateRuleSets;
import kemu.mm.uffd.MovePages;
import kemu.mm.vma.Mlock;
import kemu.mm.vma.MmCaches;
import kemu.mm.vma.MmRefs;
import kemu.mm.vma.Mmap;
import kemu.mm.vma.Mms;
import kemu.mm.vma.Population;
import kemu.mm.vma.StackSetup;
import kemu.mm.vma.UnmapMapping;
import kemu.mm.vma.VmaLookup;
import kemu.mm.vma.VmaLookupProvider;
import kemu.mm.vma.VmaServices;
import kemu.mm.vma.lookup.VmaLookups;
import kemu.mm.vma.rules.VmaRuleSets;
import kemu.mm.writeback.Writeback;
import kemu.rcu.Rcu;
import kemu.rcu.RcuOptions;
import kemu.rcu.flavors.RcuFlavors;

/**
 * The booted kernel: every service of mm, in boot order. The object holds constants only; state is in emulated memory.
 * Boot happens on {@code machine.bootCpu()} before the machine runs; {@link #start} then makes the kernel threads.
 */
public final class Kernel {
    /** Ticks for which khugepaged gives up if there are no 512 frames in a row. */
    private static final int KHUGEPAGED_ALLOC_SLEEP = 10;

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
    private final ShmLock shmLock;
    private final AnonVmas anonVmas;
    private final PageRmap pageRmap;
    private final RmapWalk rmapWalk;
    private final HugePages huge;
    private final PageVma pageVma;
    private final Migration migration;
    private final Compaction compaction;
    private final MemoryFailure memoryFailure;
    private final GivenPages givenPages;
    private final MmuGather gathers;
    private final Mms mms;
    private final Mmap mmap;
    private final Mlock mlock;
    private final MlockServices mlockServices;
    private final Faults faults;
    private final MovePages movePages;
    private final Truncate truncate;
    private final Writeback writeback;
    private final Vmscan vmscan;
    private final UserAccess userAccess;
    private final StackSetup stackSetup;
    private final Processes processes;
    private final Ksm ksm;
    private final Khugepaged khugepaged;

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
        MlockingProvider mlocks = Mlockings.byName(config.mlock());
        lru = new Lru(machine, vmStat, pages, mlocks.lruRules());
        mlockServices = new MlockServices(pages, lru, pageLock, vmStat);
        Mlocking mlocking = mlocks.create(mlockServices);
        pages.mlockedFree(mlocking);

        slabs = new SlabAllocator(machine, rcu, pages, vmStat, config.slabReuse());
        swap = new Swap(swapMemory, pages, lru, pageLock, vmStat);
        pageTable = new PageTable(machine, pages, vmStat, TlbModes.byName(config.tlb()), config.hasHuge());
        Files.Memory fileMemory = Files.Memory.reserve(boot, slabs, pages);
        pageCache = new PageCache(machine, rcu, vmStat, pageLock, pages, lru, slabs);
        files = new Files(fileMemory, Sched.of(machine), lru, swap, pageCache);

        shmLock = new ShmLock(lru, pages);
        lru.unevictableMappings(shmLock);

        AnonVmaRules rules = AnonVmaRuleSets.byName(config.anonVmaRules());
        AnonVmaLockingProvider strategy = AnonVmaLockings.byName(config.anonVma());
        AnonVmaIndex index = AnonVmaIndexes.byName(config.anonVmaIndex());
        AnonVmaRefs anonVmaRefs = new AnonVmaRefs(boot, slabs, strategy.reusesAfterGracePeriod(), rules.life(), index);
        AnonVmaServices anonVmaServices = new AnonVmaServices(rcu, anonVmaRefs);
        AnonVmaLocking locking = strategy.create(anonVmaServices);
        anonVmas = new AnonVmas(boot, slabs, anonVmaRefs, locking, rules);
        KsmRules ksmRules = KsmRuleSets.byName(config.ksm());
        MergedPages merged = ksmRules == null ? null : new MergedWalk(locking, index);
        pageRmap = new PageRmap(vmStat, lru, rules.shared(), mlocking, merged != null, config.hasHuge());
        pageVma = new PageVma(pageTable, pages);
        huge = config.hasHuge()
                ? new HugePages(
                        vmStat,
                        pageLock,
                        pages,
                        lru,
                        pageTable,
                        anonVmas,
                        index,
                        pageRmap,
                        CollapseRuleSets.byName(config.collapse()))
                : null;
        TryToMunlock munlockWalk = new TryToMunlock(pageTable, pageVma, locking, index, mlocking, merged);
        UnmapOne unmapOne = new UnmapOne(pages, swap, pageTable, pageCache, pageRmap, pageVma, munlockWalk);
        rmapWalk = new RmapWalk(pageLock, pageTable, pageVma, locking, index, unmapOne, merged);
        MigrationRules moves = MigrationRuleSets.byName(config.migration());
        migration = new Migration(
                vmStat,
                pageLock,
                pages,
                lru,
                swap,
                pageTable,
                pageCache,
                anonVmas,
                anonVmaServices,
                index,
                pageRmap,
                pageVma,
                moves);
        memoryFailure = new MemoryFailure(
                vmStat,
                pageLock,
                pages,
                lru,
                swap,
                pageTable,
                pageCache,
                anonVmas.locking(),
                index,
                pageRmap,
                pageVma,
                moves.killsUnmapped(),
                huge);
        givenPages = new GivenPages(Sched.of(machine), vmStat, pages, lru, pageTable, migration, memoryFailure);
        compaction = new Compaction(machine, vmStat, pages, lru, migration, config.compactJiffies() > 0);
        gathers = new MmuGather(
                pageTable,
                pages,
                pageLock,
                swap,
                rules.mapcounts().apply(pageRmap),
                Gathers.byName(config.gather(), machine, pages));

        MmCaches mmCaches = new MmCaches(boot, slabs, lookups.memory());
        MmRefs mmRefs = new MmRefs(pageTable, mmCaches);
        VmaLookup lookup =
                lookups.create(new VmaServices(machine, vmStat, rcu, slabs, mmRefs, mmCaches.vmas(), taskWords));
        mms = new Mms(
                machine,
                pages,
                lru,
                pageLock,
                swap,
                pageTable,
                gathers,
                pageCache,
                files,
                anonVmas,
                pageRmap,
                mmCaches,
                mmRefs,
                lookup,
                mlocking,
                munlockWalk,
                VmaRuleSets.byName(config.vmaRules()),
                huge);
        mmap = new Mmap(machine, lru, pageTable, files, anonVmas, gathers, mms);
        TruncateRules truncation = TruncateRuleSets.byName(config.truncation());
        FilemapFault filemapFault = truncation.fault(vmStat, pageCache, pageLock, pages);
        FoundPageChecks swapChecks = FoundPageRuleSets.byName(config.swapChecks());
        SlotPin slotPin = SlotPins.byName(boot, config.swapIn(), pages, swap);
        faults = new Faults(
                machine,
                vmStat,
                pageLock,
                pages,
                swap,
                pageTable,
                pageCache,
                anonVmas,
                pageRmap,
                mms,
                filemapFault,
                swapChecks,
                lru,
                ksmRules,
                slotPin,
                huge);
        movePages = new MovePages(pageLock, pages, swap, pageTable, anonVmas, pageRmap, mms, swapChecks, huge);
        Population population = new PopulatePages(Sched.of(machine), pageTable, pages, lru, pageLock, mlocking, faults);
        mmap.population(population);
        mlock = new Mlock(lru, mms, population);
        UnmapMapping unmapMapping = new UnmapMapping(gathers, pageTable, mms);
        TruncateInodePages cached = truncation.cached(machine, pages, pageLock, pageCache, unmapMapping);
        writeback = new Writeback(machine, pages, pageLock, pageCache, new PageMkclean(pageTable, pageVma));
        truncate = new Truncate(cached, truncation.passes(unmapMapping, cached));
        vmscan = new Vmscan(machine, rcu, vmStat, pageLock, pages, lru, swap, pageCache, files, rmapWalk, huge);
        userAccess = new UserAccess(machine, pageTable, pages, faults, vmscan, huge);
        stackSetup = new StackSetup(lru, pageTable, gathers, anonVmas.locking(), mms, mmap, faults::handleLocked);
        processes = new Processes(machine, slabs, files, mms, mmap, config.moveStacks() ? stackSetup : null);
        ksm = ksmRules == null
                ? null
                : new Ksm(
                        machine,
                        ksmRules,
                        vmStat,
                        pageLock,
                        pages,
                        lru,
                        slabs,
                        swap,
                        pageTable,
                        anonVmaRefs,
                        pageRmap,
                        pageVma,
                        mms,
                        faults);
        mms.merging(ksm, config.ksmScan() > 0);
        khugepaged = config.khugepaged() == 0
                ? null
                : new Khugepaged(machine, vmStat, pages, lru, slabs, pageTable, mms, huge, vmscan, compaction);
    }

    /** Starts kernel threads (kswapd, kcompactd, ksmd, khugepaged). Boot only. */
    public void start(Cpu cpu) {
        vmscan.reportOom(config.log()::accept);
        vmscan.start(cpu);
        if (config.compactJiffies() > 0) {
            compaction.start(cpu, config.compactJiffies());
        }
        if (ksm != null) {
            if (config.ksmScan() > 0) {
                ksm.tune(cpu, config.ksmScan(), 1);
            }
            ksm.start(cpu);
        }
        if (khugepaged != null) {
            khugepaged.tune(cpu, config.khugepaged(), 1, KHUGEPAGED_ALLOC_SLEEP);
            khugepaged.start(cpu);
        }
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

    /** See {@link ShmLock}. */
    public ShmLock shmLock() {
        return shmLock;
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

    /** See {@link HugePages}; null if there are none. */
    public HugePages huge() {
        return huge;
    }

    /** See {@link PageVma}. */
    public PageVma pageVma() {
        return pageVma;
    }

    /** See {@link Migration}. */
    public Migration migration() {
        return migration;
    }

    /** See {@link MemoryFailure}. */
    public MemoryFailure memoryFailure() {
        return memoryFailure;
    }

    /** See {@link GivenPages}. */
    public GivenPages givenPages() {
        return givenPages;
    }

    /** See {@link Compaction}. */
    public Compaction compaction() {
        return compaction;
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

    /** What mlock of single pages works with. */
    public MlockServices mlockServices() {
        return mlockServices;
    }

    /** See {@link Mlock}. */
    public Mlock mlock() {
        return mlock;
    }

    /** See {@link Faults}. */
    public Faults faults() {
        return faults;
    }

    /** See {@link MovePages}. */
    public MovePages movePages() {
        return movePages;
    }

    /** See {@link Truncate}. */
    public Truncate truncate() {
        return truncate;
    }

    /** See {@link Writeback}. */
    public Writeback writeback() {
        return writeback;
    }

    /** See {@link UserAccess}. */
    public UserAccess userAccess() {
        return userAccess;
    }

    /** See {@link Vmscan}. */
    public Vmscan vmscan() {
        return vmscan;
    }

    /** See {@link Ksm}; null if no pages are merged. */
    public Ksm ksm() {
        return ksm;
    }

    /** See {@link Khugepaged}; null if there is none. */
    public Khugepaged khugepaged() {
        return khugepaged;
    }

    /** See {@link StackSetup}. */
    public StackSetup stackSetup() {
        return stackSetup;
    }

    /** See {@link Processes}. */
    public Processes processes() {
        return processes;
    }
}
