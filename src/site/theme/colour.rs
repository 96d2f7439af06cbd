//! A site's accent, made safe: whatever colour is configured, text in it and on it can be read in both schemes.
//!
//! Contrast is WCAG 2.2's (relative luminance, 4.5 : 1 for text); lightness is moved in OKLab, so that the hue stays.

/// Linear-light red, green, blue.
type Linear = [f64; 3];

const LIGHT_PAGE: &str = "#ffffff";
const DARK_PAGE: &str = "#0f1619";
/// WCAG asks 4.5; the margin pays for the tints the accent also stands on.
const ENOUGH: f64 = 5.6;

/// The style rule that sets a site's accent over the theme's own, or `None` when `accent` is not `#rrggbb`.
pub fn accent_css(accent: &str) -> Option<String> {
    let chosen = parse(accent)?;
    let light = move_until(chosen, 0.98, parse(LIGHT_PAGE)?);
    let dark = move_until(chosen, 1.02, parse(DARK_PAGE)?);
    let on_dark = scaled(dark, 0.22);
    Some(format!(
        ":root{{--accent:light-dark({},{});--on-accent:light-dark(#fff,{})}}",
        hex(light),
        hex(dark),
        hex(on_dark)
    ))
}

/// Steps the lightness by `factor` until the colour stands out from `page`.
fn move_until(mut colour: Linear, factor: f64, page: Linear) -> Linear {
    // 200 steps of 2 % go from any colour to black or white.
    for _ in 0..200 {
        if contrast(colour, page) >= ENOUGH {
            break;
        }
        let [lightness, a, b] = to_oklab(colour);
        colour = from_oklab([(lightness.max(0.05) * factor).clamp(0.0, 1.0), a, b]);
    }
    colour
}

fn scaled(colour: Linear, factor: f64) -> Linear {
    let [lightness, a, b] = to_oklab(colour);
    from_oklab([lightness * factor, a * factor, b * factor])
}

fn parse(text: &str) -> Option<Linear> {
    let digits = text.strip_prefix('#').filter(|digits| digits.len() == 6)?;
    let number = u32::from_str_radix(digits, 16).ok()?;
    let channel = |shift: u32| {
        let value = f64::from((number >> shift) & 0xff) / 255.0;
        if value <= 0.040_45 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
    };
    Some([channel(16), channel(8), channel(0)])
}

fn hex(colour: Linear) -> String {
    let channel = |value: f64| {
        let value = value.clamp(0.0, 1.0);
        let encoded = if value <= 0.003_130_8 { value * 12.92 } else { 1.055 * value.powf(1.0 / 2.4) - 0.055 };
        (encoded * 255.0).round() as u8
    };
    format!("#{:02x}{:02x}{:02x}", channel(colour[0]), channel(colour[1]), channel(colour[2]))
}

/// WCAG 2.2, relative luminance and contrast ratio.
fn contrast(one: Linear, other: Linear) -> f64 {
    let luminance = |[red, green, blue]: Linear| {
        0.2126 * red.clamp(0.0, 1.0) + 0.7152 * green.clamp(0.0, 1.0) + 0.0722 * blue.clamp(0.0, 1.0)
    };
    let (one, other) = (luminance(one) + 0.05, luminance(other) + 0.05);
    one.max(other) / one.min(other)
}

/// Björn Ottosson, "A perceptual color space for image processing" (2020).
fn to_oklab([red, green, blue]: Linear) -> [f64; 3] {
    let long = (0.412_221_470_8 * red + 0.536_332_536_3 * green + 0.051_445_992_9 * blue).cbrt();
    let medium = (0.211_903_498_2 * red + 0.680_699_545_1 * green + 0.107_396_956_6 * blue).cbrt();
    let short = (0.088_302_461_9 * red + 0.281_718_837_6 * green + 0.629_978_700_5 * blue).cbrt();
    [
        0.210_454_255_3 * long + 0.793_617_785_0 * medium - 0.004_072_046_8 * short,
        1.977_998_495_1 * long - 2.428_592_205_0 * medium + 0.450_593_709_9 * short,
        0.025_904_037_1 * long + 0.782_771_766_2 * medium - 0.808_675_766_0 * short,
    ]
}

fn from_oklab([lightness, a, b]: [f64; 3]) -> Linear {
    let long = (lightness + 0.396_337_777_4 * a + 0.215_803_757_3 * b).powi(3);
    let medium = (lightness - 0.105_561_345_8 * a - 0.063_854_172_8 * b).powi(3);
    let short = (lightness - 0.089_484_177_5 * a - 1.291_485_548_0 * b).powi(3);
    [
        4.076_741_662_1 * long - 3.307_711_591_3 * medium + 0.230_969_929_2 * short,
        -1.268_438_004_6 * long + 2.609_757_401_1 * medium - 0.341_319_396_5 * short,
        -0.004_196_086_3 * long - 0.703_418_614_7 * medium + 1.707_614_701_0 * short,
    ]
    .map(|channel: f64| channel.clamp(0.0, 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn colours(css: &str) -> Vec<Linear> {
        css.split(['(', ',', ')']).filter(|part| part.len() == 7).filter_map(parse).collect()
    }

    #[test]
    fn any_accent_becomes_readable_in_both_schemes() {
        for accent in ["#ffff00", "#000000", "#ffffff", "#0a6a6f", "#ff0000", "#1e1eff", "#7f7f7f", "#00ff88"] {
            let css = accent_css(accent).unwrap();
            let [light, dark, on_dark] = colours(&css)[..] else { panic!("three colours in {css}") };
            assert!(contrast(light, parse(LIGHT_PAGE).unwrap()) >= 4.5, "{accent}: {css}");
            assert!(contrast(dark, parse(DARK_PAGE).unwrap()) >= 4.5, "{accent}: {css}");
            assert!(contrast(dark, on_dark) >= 4.5, "{accent}: {css}");
        }
    }

    #[test]
    fn a_good_accent_is_left_alone() {
        assert!(accent_css("#0a6a6f").unwrap().contains("light-dark(#0a6a6f,"));
        assert_eq!(accent_css("teal"), None);
    }

    #[test]
    fn the_way_through_oklab_is_lossless() {
        for colour in ["#0a6a6f", "#123456", "#fedcba"] {
            assert_eq!(hex(from_oklab(to_oklab(parse(colour).unwrap()))), colour);
        }
    }
}
