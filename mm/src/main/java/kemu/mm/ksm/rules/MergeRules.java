package kemu.mm.ksm.rules;

import kemu.hw.cpu.Cpu;
import kemu.mm.ksm.KsmRules;

/** Merging with a step left out; {@code rmap-ksm-write} and {@code rmap-ksm-exit} convict them. */
final class MergeRules {
    private MergeRules() {}

    /** A page that can still be written to is compared and replaced. */
    static final class NotProtected extends KsmRules {
        @Override
        public boolean writeProtects() {
            return false;
        }
    }

    /** Whatever the address maps by now is replaced. */
    static final class PteNotCompared extends KsmRules {
        @Override
        public boolean comparesPte() {
            return false;
        }
    }

    /** A writer that waited for the page lock does not ask what the page is by then. */
    static final class ReuseNotAsked extends KsmRules {
        @Override
        public boolean mayReuse(Cpu cpu, long page) {
            return true;
        }
    }

    /** An rmap_item keeps the address of an anon_vma, and no reference. */
    static final class AnonVmaNotHeld extends KsmRules {
        @Override
        public boolean holdsAnonVma() {
            return false;
        }
    }
}
