package kemu.cli;

import kemu.report.Provenance;
import picocli.CommandLine.IVersionProvider;

/** The version in the jar's manifest, and the commit it was built from. */
final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
        return new String[] {"kemu " + current() + " " + Provenance.commit()};
    }

    static String current() {
        return Provenance.version();
    }
}
