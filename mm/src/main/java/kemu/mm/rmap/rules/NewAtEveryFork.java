package kemu.mm.rmap.rules;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Ref;
import kemu.mm.rmap.AnonVmaLocking;
import kemu.mm.rmap.AnonVmaReuse;
import kemu.mm.types.AnonVma;
import kemu.mm.types.VmArea;

/** fork always makes a new anon_vma, so there is no book to keep: the default. Source: Linux 2.6.34 to 3.18. */
class NewAtEveryFork implements AnonVmaReuse {
    @Override
    public boolean reuses() {
        return false;
    }

    @Override
    public void made(Cpu cpu, @Ref(AnonVma.class) long anonVma) {
        // No book.
    }

    @Override
    public void prepared(Cpu cpu, @Ref(AnonVma.class) long anonVma, boolean isNew) {
        // No book.
    }

    @Override
    public void cloned(Cpu cpu, AnonVmaLocking locking, @Ref(AnonVma.class) long own) {
        // No book.
    }

    @Override
    public void offered(
            Cpu cpu, @Ref(VmArea.class) long vma, @Ref(AnonVma.class) long anonVma, @Ref(VmArea.class) long parentVma) {
        // Not taken.
    }

    @Override
    public boolean taken(Cpu cpu, @Ref(VmArea.class) long vma) {
        return false;
    }

    @Override
    public void forked(Cpu cpu, @Ref(AnonVma.class) long anonVma, @Ref(AnonVma.class) long parent) {
        // No book.
    }

    @Override
    public void unlinked(Cpu cpu, @Ref(VmArea.class) long vma, @Ref(AnonVma.class) long anonVma, boolean empty) {
        // No book.
    }
}
