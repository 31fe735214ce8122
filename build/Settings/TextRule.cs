using System.Text.RegularExpressions;

namespace Ambrosia.Build.Settings;

/// <summary>What a text must look like, as a regular expression that the JSON schema shares, and in words.</summary>
internal sealed record TextRule(string Pattern, string Allowed)
{
    // Rules of Azure: https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules
    public static readonly TextRule StorageAccount = new("^[a-z0-9]{3,24}$", "3 to 24 lower-case letters and digits");

    public static readonly TextRule Registry = new("^[A-Za-z0-9]{5,50}$", "5 to 50 letters and digits");

    public static readonly TextRule ResourceGroup = new(
        @"^[A-Za-z0-9_.()-]{0,89}[A-Za-z0-9_()-]$", "1 to 90 letters, digits, _ - . ( ), not ending with a dot");

    public static readonly TextRule Cluster = new(
        "^[A-Za-z0-9]([A-Za-z0-9_-]{0,61}[A-Za-z0-9])?$", "1 to 63 letters, digits, _ and -, starting and ending with a letter or digit");

    public static readonly TextRule Share = new(
        "^(?=.{3,63}$)[a-z0-9]+(-[a-z0-9]+)*$", "3 to 63 lower-case letters, digits and single hyphens, not at either end");

    public static readonly TextRule SubscriptionId = new(
        "^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$", "a subscription id such as 00000000-0000-0000-0000-000000000000");

    public static readonly TextRule Location = new("^[a-z0-9]+$", "a region name such as eastus");

    // No <>%&\\?/ in a name: https://learn.microsoft.com/azure/azure-resource-manager/management/tag-resources
    public static readonly TextRule Tags = new(
        @"^[^=,<>%&\\?/]{1,128}=[^,]{0,256}(,[^=,<>%&\\?/]{1,128}=[^,]{0,256})*$", "key=value,key=value without <>%&\\?/ in a key");

    public static readonly TextRule VmSize = new("^[A-Za-z][A-Za-z0-9]*_[A-Za-z0-9_-]+$", "a size such as Standard_D2s_v5");

    // Rules of Kubernetes: https://kubernetes.io/docs/concepts/overview/working-with-objects/names/
    public static readonly TextRule Label = new(
        "^[a-z]([a-z0-9-]{0,61}[a-z0-9])?$", "1 to 63 lower-case letters, digits and hyphens, starting with a letter, not ending with a hyphen");

    public static readonly TextRule ObjectName = new(
        "^(?=.{1,253}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?([.][a-z0-9]([a-z0-9-]*[a-z0-9])?)*$",
        "1 to 253 lower-case letters, digits, hyphens and dots, starting and ending with a letter or digit");

    // Quantities of Kubernetes that make sense here: https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/
    public static readonly TextRule Cpu = new(
        "^(?=.*[1-9])([0-9]{1,9}m|[0-9]{1,6}([.][0-9]{1,3})?)$", "a text with processors such as 500m, 0.5 or 2");

    /// <summary>A forgotten unit would make a limit of so many bytes, which no program fits into.</summary>
    public static readonly TextRule Memory = new(
        "^(?=.*[1-9])([0-9]{7,15}|[0-9]{1,12}([.][0-9]{1,3})?(M|G|T|Mi|Gi|Ti))$", "a text with bytes and their unit such as 256Mi or 4Gi");

    public static readonly TextRule KubeContext = new(@"\S", "a name that kubectl config get-contexts lists");

    public static readonly TextRule KubeconfigPath = new("^(/|[A-Za-z]:).*$", "an absolute path such as /home/me/.kube/config");

    public static readonly TextRule ImageRegistry = new(
        "^[a-z0-9.-]+(:[0-9]+)?(/[a-z0-9._/-]+)?$", "host[:port][/path] without https://, in lower case");

    public static readonly TextRule Image = new(
        "^[a-z0-9][A-Za-z0-9._:/@-]*$", "an image such as ambrosia/ambrosia-perftest, or one with :tag or @digest");

    public static readonly TextRule InstanceName = new(
        "^[A-Za-z][A-Za-z0-9]{2,62}$", "3 to 63 letters and digits, starting with a letter");

    // Where a volume is mounted there must be no colon: https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/#volumes-1
    public static readonly TextRule AbsolutePath = new("^(/[^/:\\s]+)+$", "an absolute path without colons such as /ambrosia_logs");

    public static readonly TextRule RelativePath = new(
        @"^(?![/\\])(?!.*(^|[/\\])[.][.]([/\\]|$)).+$", "a path below the checkout's root, without ..");

    public static readonly TextRule NotEmpty = new(@"\S", "a text that is not empty");

    /// <summary>Judged by compiling it.</summary>
    public static readonly TextRule RegularExpression = new(".", "a .NET regular expression");

    /// <summary>Null when <paramref name="text"/> obeys; otherwise why it does not, which may be empty where the rule says it all.</summary>
    public string? Violation(string text)
    {
        if (!Regex.IsMatch(text, Pattern, RegexOptions.CultureInvariant) || text.EndsWith('\n'))
            return "";
        if (!ReferenceEquals(this, RegularExpression))
            return null;
        try
        {
            _ = new Regex(text);
            return null;
        }
        catch (ArgumentException exception)
        {
            return exception.Message;
        }
    }
}
