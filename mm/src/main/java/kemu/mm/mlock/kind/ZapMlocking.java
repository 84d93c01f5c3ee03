package kemu.mm.mlock.kind;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Ref;
import kemu.mm.mlock.MlockServices;
import kemu.mm.page.Page;

/**
 * The proposal: truncation munlocks private pages under the pte lock before it frees them. The lock of the anon_vma
 * keeps reclaim from mlocking them again; nothing keeps mlock() from it, which its reviewer saw. Source: "mm: munlock
 * COW pages on truncation unmap", 30 September 2009, never merged.
 */
final class ZapMlocking extends PageLockMlocking {
    static final String NAME = "munlock-on-zap";
    static final String UNLOCKED = "munlock-on-zap-unlocked";

    private final Truncation truncation;

    private ZapMlocking(String name, MlockServices services, Truncation truncation) {
        super(name, services);
        this.truncation = truncation;
    }

    static ZapMlocking locked(MlockServices services) {
        return new ZapMlocking(NAME, services, Truncation.MUNLOCKS_LOCKED);
    }

    static ZapMlocking unlocked(MlockServices services) {
        return new ZapMlocking(UNLOCKED, services, Truncation.MUNLOCKS);
    }

    @Override
    public Truncation truncation() {
        return truncation;
    }

    @Override
    public void truncating(Cpu cpu, @Ref(Page.class) long page) {
        pageMlock().clear(cpu, page);
    }
}
