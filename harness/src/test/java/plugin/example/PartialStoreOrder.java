package plugin.example;

import kemu.hw.cache.model.MemoryModelProvider;
import kemu.hw.cache.model.StoreOrder;

/** SPARC's partial store order: a store buffer for each word, loads in order. */
public class PartialStoreOrder extends MemoryModelProvider {
    @Override
    public String name() {
        return "pso";
    }

    @Override
    public String description() {
        return "a store buffer for each word, loads in order";
    }

    @Override
    public StoreOrder stores() {
        return StoreOrder.PER_WORD;
    }
}
