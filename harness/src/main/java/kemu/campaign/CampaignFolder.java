package kemu.campaign;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import kemu.host.SafeFiles;
import kemu.option.UsageException;

/**
 * The directory of a campaign: {@code cells/ID/} of every cell, with what its command left there, {@code log.txt} and,
 * once it has ended, {@code cell.json}. There is nothing else to a result: whichever shard, machine or call wrote it,
 * and in whatever order, the same cells make the same campaign.
 */
public final class CampaignFolder {
    private static final String RESULT = "cell.json";

    private final Path folder;

    /** The directory {@code folder}, made when something is written. */
    public CampaignFolder(Path folder) {
        this.folder = folder.toAbsolutePath().normalize();
    }

    /** Where it is, absolute. */
    public Path path() {
        return folder;
    }

    /** The directory of {@code cell}. */
    public Path of(CampaignCell cell) {
        return folder.resolve("cells").resolve(cell.id());
    }

    /** Where the schedule of a failure of {@code cell} is, below this directory; null if there is none. */
    public String schedule(CampaignCell cell) {
        return Files.isRegularFile(of(cell).resolve("schedule.kemu")) ? "cells/" + cell.id() + "/schedule.kemu" : null;
    }

    /** Where the page of {@code cell} is, below this directory; null if there is none. */
    String page(CampaignCell cell) {
        return Files.isRegularFile(of(cell).resolve("report.html")) ? "cells/" + cell.id() + "/report.html" : null;
    }

    /**
     * What was found in {@code cell}; null if there is nothing, if it is damaged, or if another command gave it.
     *
     * @throws UsageException if another kemu gave it
     */
    public CellResult read(CampaignCell cell) {
        return read(of(cell).resolve(RESULT), cell);
    }

    private static CellResult read(Path file, CampaignCell cell) {
        try {
            CellResult result = CellResult.read(file);
            if (!result.arguments().equals(cell.arguments())) {
                return null;
            }
            if (!result.build().equals(CellResult.ownBuild())) {
                throw new UsageException(file + ": is of kemu " + result.build() + ", this is " + CellResult.ownBuild()
                        + " (allowed: one and the same for all cells; another --out)");
            }
            return result;
        } catch (NoSuchFileException none) {
            return null;
        } catch (IOException damaged) {
            return null;
        }
    }

    /** Keeps {@code result} of {@code cell}. */
    void write(CampaignCell cell, CellResult result) throws IOException {
        result.write(of(cell).resolve(RESULT));
    }

    /** Forgets what was found in those of {@code cells} that need to be run again, and returns these. */
    public List<CampaignCell> pending(List<CampaignCell> cells) {
        return cells.stream()
                .filter(cell -> {
                    CellResult result = read(cell);
                    return result == null || !result.done();
                })
                .toList();
    }

    /**
     * Begins {@code cell}: what an earlier try left of it goes.
     *
     * @throws IOException if it cannot be removed, or the directory cannot be made
     */
    void begin(CampaignCell cell) throws IOException {
        Path own = of(cell);
        if (Files.isDirectory(own, LinkOption.NOFOLLOW_LINKS)) {
            remove(own);
        }
        Files.createDirectories(own);
    }

    private static void remove(Path folder) throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path one : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(one);
            }
        } catch (UncheckedIOException wrapped) {
            throw wrapped.getCause();
        }
    }

    /** Forgets results of {@code cells} that are no verdicts, so that whoever waits sees only new ones. */
    public void forgetErrors(List<CampaignCell> cells) throws IOException {
        for (CampaignCell cell : pending(cells)) {
            Files.deleteIfExists(of(cell).resolve(RESULT));
        }
    }

    /** Takes over what {@code other} has of {@code cells} that are not done here; returns how many these are. */
    public int merge(CampaignFolder other, List<CampaignCell> cells) throws IOException {
        int taken = 0;
        for (CampaignCell cell : pending(cells)) {
            CellResult there = other.read(cell);
            if (there != null && (there.done() || read(cell) == null)) {
                begin(cell);
                copy(other.of(cell), of(cell));
                write(cell, there);
                taken++;
            }
        }
        return taken;
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> all = Files.walk(from)) {
            for (Path one : all.toList()) {
                Path target = to.resolve(from.relativize(one).toString());
                if (Files.isDirectory(one)) {
                    Files.createDirectories(target);
                } else if (!one.getFileName().toString().equals(RESULT)) {
                    Files.copy(one, target, StandardCopyOption.REPLACE_EXISTING);
                }
            }
        } catch (UncheckedIOException wrapped) {
            throw wrapped.getCause();
        }
    }

    /** Makes the directory; a mistake if that is not possible. */
    public void make() {
        try {
            Files.createDirectories(folder.resolve("cells"));
        } catch (IOException cannot) {
            throw new UsageException("--out: cannot use directory " + folder + " (" + SafeFiles.reason(cannot) + ")");
        }
    }
}
