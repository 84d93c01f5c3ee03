package kemu.hw.cache.model;

/** Total store order (x86): a first-in first-out store buffer with forwarding to own loads. */
public final class Tso extends MemoryModelProvider {
    @Override
    public String name() {
        return "tso";
    }

    @Override
    public String description() {
        return "x86: stores wait in a FIFO buffer, loads may overtake them";
    }

    @Override
    public StoreOrder stores() {
        return StoreOrder.FIFO;
    }
}
