using Ambrosia.Testing.Docker;

namespace Ambrosia.Images.Tests;

/// <summary>
/// An image that has what the suite calls of Microsoft's: a program <c>Ambrosia</c> and a <c>runAmbrosiaService.sh</c>, which tell how they were
/// called. Of a connection string they tell length and hash. They do nothing else: what Microsoft's do with it is not ours.
/// </summary>
internal static class StandInRuntime
{
    /// <summary>Instances of these names are refused, or never end and heed no SIGTERM.</summary>
    public const string Refused = "refused", Endless = "endless";

    private const string Ambrosia = """
        #!/usr/bin/bash
        printf '<%s>' "$@"
        printf '\n%s %s\n' "${#AZURE_STORAGE_CONN_STRING}" "$(printf %s "$AZURE_STORAGE_CONN_STRING" | sha256sum)"
        case $3 in
          refused)
            printf 'Unhandled exception. No such account: %s\n' "$AZURE_STORAGE_CONN_STRING" >&2
            exit 134 ;;
          endless)
            trap '' TERM
            while :; do sleep 1; done ;;
        esac
        """;

    private const string Service = """
        #!/usr/bin/bash
        printf 'pid %s, ' "$$"
        if [ -t 0 ] && [ -t 1 ]; then printf 'a terminal'; else printf 'no terminal'; fi
        printf ', user %s\n' "$(id -u)"
        for name in AMBROSIA_INSTANCE_NAME AMBROSIA_IMMORTALCOORDINATOR_PORT AMBROSIA_LOGDIR; do
          printf '%s=%s\n' "$name" "${!name}"
        done
        for name in AZURE_STORAGE_CONNECTION_STRING AZURE_STORAGE_CONN_STRING; do
          printf '%s=%s\n' "$name" "$(printf %s "${!name}" | sha256sum)"
        done
        touch "$AMBROSIA_LOGDIR/written" && touch /written && printf 'may write\n'
        "$@"
        """;

    private static readonly Lazy<Task<string>> Built = new(BuildAsync);

    /// <returns>Its name.</returns>
    public static Task<string> RequireAsync(CancellationToken cancellation) => Built.Value.WaitAsync(cancellation);

    private static async Task<string> BuildAsync()
    {
        var context = Machinery.Checkout.AddContext(
            "microsoft",
            ("Dockerfile", $"FROM {StandInImages.Default}\nCOPY Ambrosia runAmbrosiaService.sh /usr/local/bin/\n"),
            ("Ambrosia", Ambrosia),
            ("runAmbrosiaService.sh", Service));
        foreach (var name in new[] { "Ambrosia", "runAmbrosiaService.sh" })
        {
            if (!OperatingSystem.IsWindows())
                File.SetUnixFileMode(Path.Combine(context, name), (UnixFileMode)0x1ED);
        }

        const string tag = "ambrosia/ambrosia-dev:stand-in";
        using var suite = new Suite(new SuiteOptions());
        await suite.Docker.BuildAsync(new(context, Path.Combine(context, "Dockerfile"), SuiteOptions.NativePlatform, tag), _ => { }, CancellationToken.None);
        return tag;
    }
}
