/**
 * Maven projects for authors of plugins, written from templates.
 *
 * <p>Entry class: {@link kemu.project.PluginProject}. No locks: host code.
 */
package kemu.project;
