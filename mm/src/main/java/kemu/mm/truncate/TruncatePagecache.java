package kemu.mm.truncate;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Ref;
import kemu.mm.file.AddressSpace;
import kemu.mm.file.Inode;
import kemu.mm.file.MappedRanges;
import kemu.mm.file.TruncateInodePages;

/**
 * truncate_setsize and truncate_pagecache: makes a file shorter while others map and fault it.
 *
 * <p>The size goes first: from there on faults are refused, but for those that have looked already. The first unmapping
 * saves the truncation of cached pages the trouble to unmap them one by one. A fault that looked before may still map a
 * page until that page is truncated, and a write to it copies it into private memory, which no truncation of cached
 * pages comes across: these copies are what the second unmapping is for. Source: Linux 2.6.36 mm/truncate.c.
 */
public class TruncatePagecache {
    private final MappedRanges mapped;
    private final TruncateInodePages cached;

    /** Boot only. */
    public TruncatePagecache(MappedRanges mapped, TruncateInodePages cached) {
        this.mapped = mapped;
        this.cached = cached;
    }

    /** Cuts the file down to {@code size} bytes; nothing beyond its last page stays. Context: i_mutex, may sleep. */
    public final void truncate(Cpu cpu, @Ref(AddressSpace.class) long mapping, long size) {
        long first = Inode.pages(size);
        sizeBefore(cpu, mapping, size);
        firstPass(cpu, mapping, first);
        cached.truncate(cpu, mapping, first);
        secondPass(cpu, mapping, first);
        sizeAfter(cpu, mapping, size);
    }

    /** Where the size changes. */
    protected void sizeBefore(Cpu cpu, @Ref(AddressSpace.class) long mapping, long size) {
        Inode.setSize(cpu, AddressSpace.HOST.get(cpu, mapping), size);
    }

    /** The unmapping before cached pages go. */
    protected void firstPass(Cpu cpu, @Ref(AddressSpace.class) long mapping, long first) {
        unmap(cpu, mapping, first);
    }

    /** The unmapping after they are gone. */
    protected void secondPass(Cpu cpu, @Ref(AddressSpace.class) long mapping, long first) {
        unmap(cpu, mapping, first);
    }

    /** Nothing: it is too late to change the size here. */
    protected void sizeAfter(Cpu cpu, @Ref(AddressSpace.class) long mapping, long size) {}

    private void unmap(Cpu cpu, long mapping, long first) {
        mapped.unmapMappingRange(cpu, mapping, first, Long.MAX_VALUE, true);
    }

    /**
     * truncate_pagecache_range: pages {@code first} to {@code last} become a hole; 0, or -ENOMEM with some of them
     * gone. Private copies are not the file's and stay, so there is nothing to unmap afterwards. Context: i_mutex, may
     * sleep.
     */
    protected int punch(Cpu cpu, @Ref(AddressSpace.class) long mapping, long first, long last) {
        unmapHole(cpu, mapping, first, last, false);
        return cached.punch(cpu, mapping, first, last);
    }

    /** For {@link #punch}. */
    protected final void unmapHole(
            Cpu cpu, @Ref(AddressSpace.class) long mapping, long first, long last, boolean evenCows) {
        mapped.unmapMappingRange(cpu, mapping, first, last, evenCows);
    }
}
