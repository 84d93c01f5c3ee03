package kemu.check.migrate;

import kemu.check.scenario.OwnVariants;
import kemu.hw.cache.MemoryModel;
import kemu.mm.KernelConfig;

/** What most scenarios of this package have in common: variants that are rules of moving pages, and their bound. */
interface MigrateScenario extends OwnVariants {
    @Override
    default KernelConfig configure(String variant) {
        return KernelConfig.of(0).withMigration(variant);
    }

    @Override
    default int deviations(MemoryModel model) {
        return 2;
    }
}
