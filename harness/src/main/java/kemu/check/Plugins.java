package kemu.check;

import java.io.IOException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.jar.JarFile;
import kemu.mm.rmap.AnonVmaLockingProvider;
import kemu.mm.rmap.lock.AnonVmaLockings;

/**
 * Jars with strategies ({@link AnonVmaLockingProvider}) and scenarios ({@link Scenario}) of other authors, found by
 * {@link ServiceLoader}.
 */
public final class Plugins {
    private Plugins() {}

    /** A plugin cannot be loaded, or has failed; the message is one line that names it. */
    public static final class PluginFailure extends RuntimeException {
        private static final long serialVersionUID = 1L;

        PluginFailure(String message, Throwable cause) {
            super(message, cause);
        }
    }

    /** Makes what is in {@code jars} known by name, for the calling thread and those it starts from now on. */
    public static void load(List<Path> jars) {
        if (jars.isEmpty()) {
            return;
        }
        URL[] urls = new URL[jars.size()];
        for (int i = 0; i < urls.length; i++) {
            urls[i] = url(jars.get(i));
        }
        Thread.currentThread()
                .setContextClassLoader(new URLClassLoader("plugins", urls, Plugins.class.getClassLoader()));
        try {
            for (AnonVmaLockingProvider provider : ServiceLoader.load(AnonVmaLockingProvider.class)) {
                refuseTakenName(provider);
            }
            for (Scenario scenario : ServiceLoader.load(Scenario.class)) {
                if (Scenarios.isBuiltIn(scenario.name())) {
                    throw new PluginFailure("plugin: scenario name '" + scenario.name() + "' is taken", null);
                }
            }
        } catch (ServiceConfigurationError | LinkageError broken) {
            throw new PluginFailure("plugin: " + firstLine(broken), broken);
        }
    }

    private static void refuseTakenName(AnonVmaLockingProvider provider) {
        for (AnonVmaLockingProvider built : AnonVmaLockings.BUILT_IN) {
            if (built.name().equals(provider.name())) {
                throw new PluginFailure("plugin: strategy name '" + provider.name() + "' is taken", null);
            }
        }
    }

    private static URL url(Path jar) {
        if (!Files.isRegularFile(jar)) {
            throw new PluginFailure("plugin: " + jar + ": no such file", null);
        }
        try (JarFile opened = new JarFile(jar.toFile())) {
            boolean any = opened.getEntry("META-INF/services/" + AnonVmaLockingProvider.class.getName()) != null
                    || opened.getEntry("META-INF/services/" + Scenario.class.getName()) != null;
            if (!any) {
                throw new PluginFailure(
                        "plugin: " + jar + ": offers neither " + AnonVmaLockingProvider.class.getName() + " nor "
                                + Scenario.class.getName() + " in META-INF/services",
                        null);
            }
            return jar.toUri().toURL();
        } catch (MalformedURLException impossible) {
            throw new IllegalStateException(impossible);
        } catch (IOException notJar) {
            throw new PluginFailure("plugin: " + jar + ": not a jar: " + firstLine(notJar), notJar);
        }
    }

    /** The name of what another author has added to {@code subject}; null if all of it is built in. */
    public static String ownerOf(Subject subject) {
        Scenario scenario = Scenarios.byName(subject.scenario());
        if (scenario != null && isForeign(scenario)) {
            return "scenario " + scenario.name();
        }
        if (scenario == null || !scenario.byAnonVma()) {
            return null;
        }
        for (AnonVmaLockingProvider provider : AnonVmaLockings.all()) {
            if (provider.name().equals(subject.variant())) {
                return isForeign(provider) ? "strategy " + provider.name() : null;
            }
        }
        return null;
    }

    /** What {@code plugin} has thrown, as its failure. */
    public static PluginFailure failed(String plugin, Throwable thrown) {
        String at = "";
        for (StackTraceElement frame : thrown.getStackTrace()) {
            if (at.isEmpty() && !isPlatform(frame.getClassName())) {
                at = " at " + frame;
            }
        }
        return new PluginFailure("plugin " + plugin + " fails: " + firstLine(thrown) + at, thrown);
    }

    /** True of the JDK's classes and kemu's. */
    static boolean isPlatform(String className) {
        return className.startsWith("kemu.") || className.startsWith("java.") || className.startsWith("jdk.");
    }

    private static boolean isForeign(Object plugged) {
        return !plugged.getClass().getName().startsWith("kemu.")
                || plugged.getClass().getClassLoader() != Plugins.class.getClassLoader();
    }

    static String firstLine(Throwable failure) {
        String text = String.valueOf(failure.getMessage());
        String type = failure.getClass().getSimpleName();
        return type + ": " + text.lines().findFirst().orElse("");
    }
}
