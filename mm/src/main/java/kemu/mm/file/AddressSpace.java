package kemu.mm.file;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Embedded;
import kemu.hw.layout.I32Field;
import kemu.hw.layout.I64Field;
import kemu.hw.layout.Ref;
import kemu.hw.layout.RefField;
import kemu.hw.layout.StructLayout;
import kemu.kernel.locking.LockClass;
import kemu.kernel.locking.SpinLock;
import kemu.rcu.list.HList;
import kemu.rcu.list.ListHead;

/** {@code struct address_space} with the little of its inode that mm needs. Source: Linux 2.6.36 include/linux/fs.h. */
public final class AddressSpace {
    private static final StructLayout.Builder S = StructLayout.struct("address_space");
    /** Which file: the host's key for it; decides the contents of its pages. Constant. */
    public static final I64Field KEY = S.i64("key");
    /** Mappings and openers; raised from 0 under the hash's lock only. Atomics. */
    public static final I32Field COUNT = S.i32("i_count");
    /** AS_ flags. Atomics. */
    public static final I32Field FLAGS = S.i32("flags");
    /** Radix tree of cached pages, RCU-read. {@link #TREE_LOCK} to change. */
    public static final RefField PAGE_TREE = S.ref("page_tree", RadixNode.class);
    /** Radix tree of disk block plus one, for pages that were written back. {@link #TREE_LOCK}. */
    public static final RefField BLOCK_TREE = S.ref("block_tree", RadixNode.class);
    /** Cached pages, give or take those on their way in or out. Atomics; whether there are any, the tree says. */
    public static final I64Field NRPAGES = S.i64("nrpages");
    /** Guards the page tree; interrupts disabled. Innermost. */
    public static final Embedded TREE_LOCK = S.embed("tree_lock", SpinLock.LAYOUT);
    /** What the file has only if it has an end; NULL: its pages go on for ever. Constant. */
    public static final RefField HOST = S.ref("host", Inode.class);
    /** Guards {@link #I_MMAP}. Outside the anon_vma lock. */
    public static final Embedded I_MMAP_LOCK = S.cacheLine().embed("i_mmap_lock", SpinLock.LAYOUT);
    /** VMAs that map the file, each after those that its pages are copied from: a child's follows its parent's. */
    public static final Embedded I_MMAP = S.embed("i_mmap", ListHead.LAYOUT);
    /** Link in the inode hash. The hash's lock. */
    public static final Embedded HASH = S.embed("i_hash", HList.LAYOUT);
    /** Link in the list of all inodes. The hash's lock. */
    public static final Embedded ALL = S.embed("i_list", ListHead.LAYOUT);
    /** Size and members. */
    public static final StructLayout LAYOUT = S.build(StructLayout.CACHE_LINE);

    /** Flag: SHM_LOCK keeps the pages in memory. */
    public static final int AS_UNEVICTABLE = 1;
    /** Flag: locked by mm_take_all_locks. */
    public static final int AS_MM_ALL_LOCKS = 2;

    private static final LockClass TREE = LockClass.of("mapping->tree_lock");
    private static final LockClass MMAP = LockClass.of("mapping->i_mmap_lock");

    private AddressSpace() {}

    /** Makes {@code mapping} a file with one reference and no page; {@code host} may be NULL. */
    static void init(Cpu cpu, long mapping, long key, @Ref(Inode.class) long host) {
        KEY.set(cpu, mapping, key);
        HOST.set(cpu, mapping, host);
        COUNT.writeOnce(cpu, mapping, 1);
        FLAGS.writeOnce(cpu, mapping, 0);
        PAGE_TREE.set(cpu, mapping, Cpu.NULL);
        BLOCK_TREE.set(cpu, mapping, Cpu.NULL);
        NRPAGES.set(cpu, mapping, 0);
        SpinLock.init(cpu, TREE_LOCK.of(mapping), TREE);
        SpinLock.init(cpu, I_MMAP_LOCK.of(mapping), MMAP);
        ListHead.init(cpu, I_MMAP.of(mapping));
        HList.initNode(cpu, HASH.of(mapping));
    }
}
