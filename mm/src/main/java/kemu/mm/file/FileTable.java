package kemu.mm.file;

import kemu.hw.layout.Embedded;
import kemu.hw.layout.I64Field;
import kemu.hw.layout.StructLayout;
import kemu.kernel.locking.SpinLock;
import kemu.rcu.list.ListHead;

/** Head of the table of files; hash chains follow it. */
final class FileTable {
    private static final StructLayout.Builder S = StructLayout.struct("file_table");
    /** inode_lock: guards the chains, the list of all, and the raising of a count from 0. */
    static final Embedded LOCK = S.embed("inode_lock", SpinLock.LAYOUT);
    /** All files. {@link #LOCK}. */
    static final Embedded ALL = S.embed("all", ListHead.LAYOUT);
    /** Files that exist. Written under {@link #LOCK}, read racily. */
    static final I64Field NR_FILES = S.i64("nr_files");
    /** Size and members. */
    static final StructLayout LAYOUT = S.build(StructLayout.CACHE_LINE);

    private FileTable() {}
}
