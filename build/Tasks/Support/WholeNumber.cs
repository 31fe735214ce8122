using System.Globalization;
using Ambrosia.Build.Errors;
using Cake.Common;
using Cake.Core;

namespace Ambrosia.Build.Tasks.Support;

/// <summary>An argument that is a whole number.</summary>
public static class WholeNumber
{
    /// <exception cref="BuildException">AMB1003: it is not one, or out of range.</exception>
    public static int Of(ICakeContext context, string name, Func<int> otherwise, int least, int most)
    {
        ArgumentNullException.ThrowIfNull(otherwise);
        if (!context.HasArgument(name))
            return otherwise();
        var text = context.Argument(name, "");
        if (int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) && value >= least && value <= most)
            return value;
        throw new BuildException(
            ErrorCode.InvalidArgumentValue,
            $"--{name}={text} is not a whole number from {least} to {most}.",
            remedy: $"--{name}={least.ToString(CultureInfo.InvariantCulture)}, for example.");
    }
}
