/** What authors of plugins might write, good and bad. */
package plugin.example;
