package kemu.mm.truncate.rules;

import kemu.hw.cpu.Cpu;
import kemu.mm.file.AddressSpace;
import kemu.mm.file.Inode;
import kemu.mm.file.MappedRanges;
import kemu.mm.file.TruncateInodePages;
import kemu.mm.truncate.TruncatePagecache;
import kemu.mm.truncate.TruncateRules;

/** Truncations with a step missing or in another place. */
final class PassRules {
    private PassRules() {}

    /** No unmapping after cached pages are gone; file-truncate-cow convicts it. */
    static final class FirstPassOnly implements TruncateRules {
        @Override
        public TruncatePagecache passes(MappedRanges mapped, TruncateInodePages cached) {
            return new TruncatePagecache(mapped, cached) {
                @Override
                protected void secondPass(Cpu cpu, long mapping, long first) {
                    // Left out.
                }
            };
        }
    }

    /** No unmapping before: sound, since cached pages are unmapped one by one then. */
    static final class SecondPassOnly implements TruncateRules {
        @Override
        public TruncatePagecache passes(MappedRanges mapped, TruncateInodePages cached) {
            return new TruncatePagecache(mapped, cached) {
                @Override
                protected void firstPass(Cpu cpu, long mapping, long first) {
                    // Left out.
                }
            };
        }
    }

    /**
     * Private copies are left to the second unmapping, which a reviewer of 2009 proposed: sound, and it does not keep
     * mlock() from a page that goes (mlock-trunc-mlock).
     */
    static final class CowsLast implements TruncateRules {
        @Override
        public TruncatePagecache passes(MappedRanges mapped, TruncateInodePages cached) {
            return new TruncatePagecache(mapped, cached) {
                @Override
                protected void firstPass(Cpu cpu, long mapping, long first) {
                    unmapHole(cpu, mapping, first, Long.MAX_VALUE, false);
                }
            };
        }
    }

    /** The size changes when everything else is done; file-truncate-fault convicts it. */
    static final class SizeLast implements TruncateRules {
        @Override
        public TruncatePagecache passes(MappedRanges mapped, TruncateInodePages cached) {
            return new TruncatePagecache(mapped, cached) {
                @Override
                protected void sizeBefore(Cpu cpu, long mapping, long size) {
                    // Left out.
                }

                @Override
                protected void sizeAfter(Cpu cpu, long mapping, long size) {
                    Inode.setSize(cpu, AddressSpace.HOST.get(cpu, mapping), size);
                }
            };
        }
    }

    /**
     * A hole is unmapped as a truncated range is, private copies included: vmtruncate_range() of 2.6.38, which
     * madvise(MADV_REMOVE) called. file-punch-cow convicts it.
     */
    static final class PunchEvenCows implements TruncateRules {
        @Override
        public TruncatePagecache passes(MappedRanges mapped, TruncateInodePages cached) {
            return new TruncatePagecache(mapped, cached) {
                @Override
                protected int punch(Cpu cpu, long mapping, long first, long last) {
                    unmapHole(cpu, mapping, first, last, true);
                    int error = super.punch(cpu, mapping, first, last);
                    unmapHole(cpu, mapping, first, last, true);
                    return error;
                }
            };
        }
    }
}
